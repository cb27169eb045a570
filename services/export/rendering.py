"""From a claimed job to its file: what must hold whatever the format, then the renderer."""

from bitacora_schemas.exports.formats import format_of

from services.export.job import Job, read_spec
from services.export.outcome import Empty, Rendered
from services.export.renderers import RENDERERS
from services.export.tools import OnProgress, Tools


async def render(tools: Tools, job: Job, on_progress: OnProgress) -> Rendered | Empty:
    """Makes and stores the file that a job asks for. Raises as renderers do, and PermanentFailure(bad_spec)."""
    spec = read_spec(job)
    return await RENDERERS[format_of(spec).renderer](tools, job, spec, on_progress)
