# One image for every part: gateway, encoder, indexer, and the tasks index and download.
# Pin a base by its digest with --build-arg PYTHON_IMAGE=python@sha256:...
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS page
WORKDIR /web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM ${PYTHON_IMAGE} AS packages
# cpu, or a CUDA build of PyTorch's own index such as cu130, or pypi for what requirements.txt says
# (CUDA as well). The first two are much smaller where there is no GPU, or an older driver.
ARG TORCH=cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl
WORKDIR /build
COPY requirements.txt infra/docker/install.sh ./
RUN python -m venv /opt/venv && PIP_NO_CACHE_DIR=1 PIP=/opt/venv/bin/pip ./install.sh "$TORCH" "$TORCH_INDEX"

FROM ${PYTHON_IMAGE} AS photoseek
LABEL org.opencontainers.image.title="photoseek" \
      org.opencontainers.image.description="Search your own stock photos by meaning" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 photoseek \
    && useradd --uid 10001 --gid photoseek --no-create-home --home-dir /tmp photoseek \
    && install --directory --owner photoseek --group photoseek /data /models
# Everything that is written lies in /data, /models and /tmp; the rest may be read-only.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    HF_HOME=/models \
    TORCH_HOME=/models \
    PHOTOSEEK_HOST=0.0.0.0 \
    PHOTOSEEK_INDEX=/data/index \
    PHOTOSEEK_UPLOADS=/data/uploads
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY LICENSE app.py ./
COPY photoseek photoseek
COPY executors executors
COPY flows flows
RUN python -m compileall -q .
COPY --from=page /web/dist web/dist
USER 10001:10001
# Weights that are baked in need no network at the start: --build-arg MODEL=ViT-B-32:laion2b_s34b_b79k
ARG MODEL=
RUN test -z "$MODEL" \
    || python -c 'import sys; from photoseek.model import load_model; load_model(sys.argv[1])' "$MODEL"
VOLUME ["/data", "/models"]
EXPOSE 8080 8081 8082 8083
HEALTHCHECK --interval=10s --timeout=10s --start-period=10m --retries=3 \
    CMD ["python", "-m", "photoseek.flow.probe", "gateway"]
ENTRYPOINT ["tini", "--", "python", "/app/app.py", "-t"]
CMD ["serve"]
