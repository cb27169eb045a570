# syntax=docker/dockerfile:1
# One image for every process and for the command line:
#   python -m services.ingest | python -m services.query | python -m services.export | bitacora ...
# Front-end packages and fonts come from npm, Python packages from the hash-locked list; neither tool's cache stays.

FROM node:22-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Scripts of packages do not run: everything we use of them is plain files.
RUN npm ci --omit=dev --ignore-scripts --cache /tmp/npm && rm -rf /tmp/npm

FROM python:3.13-slim AS packages
COPY requirements.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: \
       -r requirements.txt

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Bitácora" \
      org.opencontainers.image.licenses="Apache-2.0"
# A fixed uid, so that volumes can be prepared for it; it owns nothing in the image but /data.
RUN groupadd --gid 10001 bitacora \
    && useradd --uid 10001 --gid bitacora --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin bitacora \
    && install --directory --owner=bitacora --group=bitacora --mode=0700 /data
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONFAULTHANDLER=1 \
    BITACORA_DATA_DIR=/data \
    BITACORA_LOG_FORMAT=json \
    BITACORA_HEALTH_HOST=0.0.0.0
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY --from=assets /app/node_modules node_modules
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY producer producer
COPY services services
COPY cli cli
COPY demo demo
COPY embedded embedded
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation -e schemas -e producer -e . \
    && python -m compileall -q services schemas producer cli demo embedded
USER 10001:10001
VOLUME /data
CMD ["bitacora", "--help"]
