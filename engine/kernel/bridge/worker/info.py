"""kernel_info_reply and what it says of the language."""
import sys


def kernel_info():
    version = "%d.%d.%d" % sys.version_info[:3]
    return {
        "status": "ok",
        "protocol_version": "5.3",
        "implementation": "nbterm-python",
        "implementation_version": version,
        "language_info": {
            "name": "python",
            "version": version,
            "mimetype": "text/x-python",
            "codemirror_mode": {"name": "ipython", "version": 3},
            "pygments_lexer": "ipython3",
            "nbconvert_exporter": "python",
            "file_extension": ".py",
        },
        "banner": "Python %s\nEmbedded kernel of nbterm" % sys.version,
        "help_links": [
            {"text": "Python Reference", "url": "https://docs.python.org/%d.%d" % sys.version_info[:2]},
        ],
        "debugger": False,
    }
