# dfl in a container; docs/install.md explains how to run it.
#   docker build -t dfl .                                                        CPU
#   docker build -t dfl:gpu --build-arg EXTRAS=gpu,web,video,onnx .              NVIDIA GPU: pip brings CUDA along
#   docker build -t dfl:gpu --build-arg BASE=nvidia/cuda:12.9.1-base-ubuntu24.04 --build-arg EXTRAS=gpu,web,video,onnx .
# BASE is any Debian or Ubuntu with Python 3.10 to 3.13, or one where apt-get has it.
ARG BASE=python:3.12-slim

FROM ${BASE} AS base
# What OpenCV loads from the system, and Python with venv where the base has none; versions are those of the base.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 libxcb1 \
 && { python3 -c "import ensurepip" || apt-get install --yes --no-install-recommends python3 python3-venv; } \
 && rm -rf /var/lib/apt/lists/*

FROM base AS build
ARG EXTRAS=web,video,onnx
WORKDIR /source
COPY CHANGELOG.md LICENSE MANIFEST.in README.md README.zh.md pyproject.toml setup.py ./
COPY dfl_cli dfl_cli
COPY models models
COPY samplers samplers
RUN python3 -m venv /opt/dfl && /opt/dfl/bin/python -m pip install --no-cache-dir ".[${EXTRAS}]"

FROM base
LABEL org.opencontainers.image.title="dfl" \
      org.opencontainers.image.description="A face-swap trainer for the terminal" \
      org.opencontainers.image.licenses="GPL-3.0-or-later AND Apache-2.0 AND MIT"
COPY --from=build /opt/dfl /opt/dfl
# Whoever runs it, also with --user, finds a home to write to. Some bases have a user 1000 already.
RUN useradd --non-unique --uid 1000 --create-home dfl \
 && chmod 1777 /home/dfl \
 && install --directory --owner=dfl --group=dfl /workspace
ENV HOME=/home/dfl \
    DFL_WORKSPACE=/workspace \
    PATH=/opt/dfl/bin:$PATH \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 1000
WORKDIR /workspace
VOLUME /workspace
# It serves nothing that could be asked whether it is well: SIGTERM saves and ends, exit codes say the rest.
HEALTHCHECK NONE
STOPSIGNAL SIGTERM
ENTRYPOINT ["dfl"]
CMD ["--help"]
