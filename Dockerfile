# The hook server: `docker build -t nimservice-hooks .`
# A release pins the base by digest too: --build-arg PYTHON_DIGEST=sha256:…
ARG PYTHON_TAG=3.13-slim-bookworm
ARG PYTHON_DIGEST=

FROM python:${PYTHON_TAG}${PYTHON_DIGEST:+@${PYTHON_DIGEST}} AS build
WORKDIR /src

# pip and the build backend stay in /opt/build; only /opt/nimservice goes into the image, and it is made without pip.
COPY requirements-build.lock requirements-runtime.lock ./
RUN python -m venv /opt/build \
    && python -m venv --without-pip /opt/nimservice \
    && /opt/build/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements-build.lock \
    && /opt/build/bin/pip --python /opt/nimservice/bin/python install --no-cache-dir --no-compile --only-binary :all: --require-hashes -r requirements-runtime.lock

COPY pyproject.toml LICENSE README.md ./
COPY crds crds
COPY hooks hooks
RUN /opt/build/bin/pip wheel --no-build-isolation --no-deps --wheel-dir /tmp/wheels . \
    && /opt/build/bin/pip --python /opt/nimservice/bin/python install --no-compile --no-index --no-deps /tmp/wheels/*.whl \
    && /opt/nimservice/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/nimservice/lib

FROM python:${PYTHON_TAG}${PYTHON_DIGEST:+@${PYTHON_DIGEST}}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="nimservice-hooks" \
      org.opencontainers.image.description="Stateless Metacontroller hooks for the NIMService API" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# Bytecode was written by the build, without times, so that the same sources give the same bytes. The root file system may be read-only: the server writes to /dev/shm only.
ENV PATH=/opt/nimservice/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# The base image's own pip, and the copy of it that Python brings, have no business in a server.
RUN python -m pip uninstall --yes --no-cache-dir --root-user-action ignore pip \
    && rm -rf /usr/local/lib/python3*/ensurepip

COPY --from=build /opt/nimservice /opt/nimservice

# A number, so that Kubernetes can see that runAsNonRoot holds.
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["nimservice"]
# On an IPv6-only or dual-stack cluster: serve --bind [::]:8080
# No HEALTHCHECK: the kubelet asks /healthz and /readyz.
CMD ["serve", "--bind", "0.0.0.0:8080"]
