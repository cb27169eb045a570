"""The template environment: autoescape always, our own words, and the addresses of static files."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.query.pages.assets import Assets

HERE = Path(__file__).parent


def make_environment(assets: Assets) -> Environment:
    """Templates of this folder, named with the folder of their page. Names not given to one are errors, not blanks."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["asset"] = assets.url
    return environment
