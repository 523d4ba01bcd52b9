"""ipywidgets as far as tqdm.notebook asks for it, made of widgets8."""
from widgets8 import *  # noqa: F403

__version__ = "8.1.0"
