"""IPython.display's classes, for a Python that has no IPython."""
import json
import os

__all__ = [
    "DisplayObject", "TextDisplayObject", "Pretty", "HTML", "Markdown", "Math", "Latex", "SVG", "JSON", "GeoJSON",
    "Javascript", "Image", "Audio", "Video", "IFrame", "YouTubeVideo", "FileLink", "FileLinks", "Code", "ProgressBar",
    "display_html", "display_markdown", "display_svg", "display_png", "display_jpeg", "display_latex", "display_json",
    "display_javascript", "display_pretty",
]


class DisplayObject:
    """Data with the mime type that its class stands for; from a value, a file or a URL."""

    _read_flags = "r"
    _mime = None

    def __init__(self, data=None, url=None, filename=None, metadata=None):
        if isinstance(data, os.PathLike):
            data = os.fspath(data)
        if url is None and filename is None and isinstance(data, str):
            if data.startswith(("http://", "https://")):
                url, data = data, None
            elif self._is_file(data):
                filename, data = data, None
        self.data, self.url, self.filename = data, url, filename
        self.metadata = metadata or {}
        self.reload()

    def _is_file(self, text):
        return False

    def reload(self):
        """Reads the data again from the file or the URL."""
        if self.filename is not None:
            with open(self.filename, self._read_flags, **({} if "b" in self._read_flags else {"encoding": "utf-8"})) as file:
                self.data = file.read()
        elif self.url is not None and self.data is None:
            from urllib.request import urlopen
            with urlopen(self.url) as answer:
                data = answer.read()
            self.data = data if "b" in self._read_flags else data.decode("utf-8", "replace")

    def __repr__(self):
        return "<IPython.core.display.%s object>" % type(self).__name__

    def _repr_mimebundle_(self, include=None, exclude=None):
        if self._mime is None or self.data is None:
            return {}
        return {self._mime: self.data}, ({self._mime: self.metadata} if self.metadata else {})


class TextDisplayObject(DisplayObject):
    def __init__(self, data=None, url=None, filename=None, metadata=None):
        if data is not None and not isinstance(data, (str, os.PathLike)):
            raise TypeError("%s expects text, not %r" % (type(self).__name__, data))
        super().__init__(data, url, filename, metadata)


class Pretty(TextDisplayObject):
    _mime = "text/plain"


class HTML(TextDisplayObject):
    _mime = "text/html"

    def __html__(self):
        return self.data


class Markdown(TextDisplayObject):
    _mime = "text/markdown"


class Latex(TextDisplayObject):
    _mime = "text/latex"


class Math(TextDisplayObject):
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/latex": "$\\displaystyle %s$" % self.data.strip("$")}


class SVG(DisplayObject):
    _mime = "image/svg+xml"

    def _is_file(self, text):
        return not text.lstrip().startswith("<") and os.path.isfile(text)


class JSON(DisplayObject):
    _mime = "application/json"

    def __init__(self, data=None, url=None, filename=None, expanded=False, metadata=None, root="root", **options):
        self.extra = {"expanded": expanded, "root": root, **options}
        super().__init__(data, url, filename, metadata)
        if isinstance(self.data, str):
            self.data = json.loads(self.data)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {self._mime: self.data}, {self._mime: {**self.metadata, **self.extra}}


class GeoJSON(JSON):
    _mime = "application/geo+json"


class Javascript(TextDisplayObject):
    _mime = "application/javascript"

    def __init__(self, data=None, url=None, filename=None, lib=None, css=None):
        super().__init__(data, url, filename)


class Image(DisplayObject):
    """PNG, JPEG, GIF, WebP or SVG from bytes, a file or a URL."""

    _read_flags = "rb"
    _KINDS = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
              "svg": "image/svg+xml"}

    def __init__(self, data=None, url=None, filename=None, format=None, embed=None, width=None, height=None,
                 retina=False, unconfined=False, metadata=None, alt=None):
        self.format, self.width, self.height = format, width, height
        self.embed = embed if embed is not None else url is None
        if isinstance(data, str) and data.startswith(("http://", "https://")) and not embed:
            url, data, self.embed = data, None, False
        super().__init__(data, url, filename, metadata)
        for key, value in (("width", width), ("height", height), ("unconfined", unconfined), ("alt", alt)):
            if value:
                self.metadata[key] = value
        self.mime = self._KINDS.get((format or self._sniff()).lower(), "image/png")

    def _is_file(self, text):
        return True

    def reload(self):
        if self.embed or self.filename is not None:
            super().reload()

    def _sniff(self):
        data = self.data if isinstance(self.data, bytes) else b""
        for start, kind in ((b"\xff\xd8", "jpeg"), (b"GIF8", "gif"), (b"RIFF", "webp"), (b"<", "svg"), (b"\x89PNG", "png")):
            if data.startswith(start):
                return kind
        return os.path.splitext(self.filename or self.url or "")[1].lstrip(".")

    def _repr_mimebundle_(self, include=None, exclude=None):
        if self.data is None:
            size = "".join(' %s="%s"' % (key, self.metadata[key]) for key in ("width", "height") if key in self.metadata)
            return {"text/html": '<img src="%s"%s/>' % (self.url, size)}
        data = self.data
        if self.mime == "image/svg+xml" and isinstance(data, bytes):
            data = data.decode("utf-8", "replace")
        return {self.mime: data}, ({self.mime: self.metadata} if self.metadata else {})


class Tag(DisplayObject):
    """Shown as HTML that refers to something."""

    def __init__(self, source, *args, **options):
        self.source, self.options = source, options
        super().__init__()

    def _tag(self):
        return ""

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self._tag()}


class IFrame(Tag):
    def __init__(self, src, width, height, **options):
        self.src, self.width, self.height = src, width, height
        super().__init__(src)

    def _tag(self):
        return '<iframe width="%s" height="%s" src="%s" frameborder="0" allowfullscreen></iframe>' % (
            self.width, self.height, self.src)


class YouTubeVideo(IFrame):
    def __init__(self, id, width=400, height=300, **options):
        super().__init__("https://www.youtube.com/embed/%s" % id, width, height)


class Audio(Tag):
    def __init__(self, data=None, filename=None, url=None, **options):
        super().__init__(url or filename or (data if isinstance(data, str) else ""))

    def _tag(self):
        return '<audio controls="controls" src="%s"></audio>' % self.source


class Video(Audio):
    def _tag(self):
        return '<video src="%s" controls></video>' % self.source


class FileLink(Tag):
    def __init__(self, path, **options):
        self.path = str(path)
        super().__init__(self.path)

    def _tag(self):
        from html import escape
        return '<a href="%s" target="_blank">%s</a>' % (escape(self.path), escape(self.path))

    def __repr__(self):
        return os.path.abspath(self.path)


class FileLinks(FileLink):
    def _tag(self):
        return "<br>\n".join(FileLink(os.path.join(self.path, name))._tag() for name in sorted(os.listdir(self.path)))


class Code(TextDisplayObject):
    """Source text, as a fenced block."""

    def __init__(self, data=None, url=None, filename=None, language=None):
        self.language = language
        super().__init__(data, url, filename)

    def _is_file(self, text):
        return "\n" not in text and os.path.isfile(text)

    def _repr_mimebundle_(self, include=None, exclude=None):
        language = self.language or os.path.splitext(self.filename or "")[1].lstrip(".") or "python"
        return {"text/plain": self.data, "text/markdown": "```%s\n%s\n```" % (language, self.data)}


class ProgressBar(DisplayObject):
    def __init__(self, total):
        from . import shim
        self.total, self._progress = total, 0
        self._handle = shim.DisplayHandle()
        super().__init__()

    def __repr__(self):
        done = int(60 * self._progress / self.total) if self.total else 60
        return "[%s%s] %d/%d" % ("=" * done, " " * (60 - done), self._progress, self.total)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self)}

    def display(self):
        self._handle.display(self)

    def update(self):
        self._handle.update(self)

    @property
    def progress(self):
        return self._progress

    @progress.setter
    def progress(self, value):
        self._progress = value
        self.update()

    def __iter__(self):
        self._progress = -1
        self.display()
        return self

    def __next__(self):
        self.progress += 1
        if self._progress < self.total:
            return self._progress
        raise StopIteration


def shower(mime):
    """display_html and its kin: shows objects in one form only; raw takes the data itself."""
    def show(*objects, raw=False, metadata=None):
        from . import shim
        for one in objects:
            if raw:
                shim.publish({mime: one}, metadata)
            else:
                shim.display(one, include=["text/plain", mime], metadata=metadata)
    return show


display_pretty, display_html, display_markdown = shower("text/plain"), shower("text/html"), shower("text/markdown")
display_svg, display_png, display_jpeg = shower("image/svg+xml"), shower("image/png"), shower("image/jpeg")
display_latex, display_json = shower("text/latex"), shower("application/json")
display_javascript = shower("application/javascript")
