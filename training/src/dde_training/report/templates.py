"""The templates of pages that ask for nothing outside themselves."""

import base64

import jinja2

SVG = "image/svg+xml"


def template(name: str) -> jinja2.Template:
    """A template of this folder; what it shows is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("dde_training", "report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def data_url(kind: str, content: bytes) -> str:
    """A file of a media type, as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
