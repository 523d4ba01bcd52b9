"""matplotlib inline: figures left open at the end of a cell are shown and closed."""
import sys


def patch(pyplot):
    """After matplotlib.pyplot was imported: show() shows here and now."""
    from matplotlib import backend_bases

    def show(*args, **options):
        """Shows all open figures below the cell, and closes them."""
        flush_figures()

    def manager_show(self):
        from .shim import display
        display(self.canvas.figure)

    pyplot.show = show
    backend_bases.FigureManagerBase.show = manager_show


def flush_figures():
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is None or not helpers.Gcf.figs:
        return
    from .shim import display
    try:
        for manager in helpers.Gcf.get_all_fig_managers():
            display(manager.canvas.figure)
    finally:
        sys.modules["matplotlib.pyplot"].close("all")


def figure_png(figure):
    """(PNG bytes, metadata) of a figure; None for one that draws nothing, as inline shows none."""
    if not figure.axes and not figure.lines and not getattr(figure, "subfigs", None):
        return None
    from io import BytesIO
    if figure.canvas is None or not hasattr(figure.canvas, "print_png"):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        FigureCanvasAgg(figure)
    out = BytesIO()
    figure.canvas.print_figure(out, format="png", dpi=figure.dpi, bbox_inches="tight",
                               facecolor=figure.get_facecolor(), edgecolor=figure.get_edgecolor())
    return out.getvalue(), None
