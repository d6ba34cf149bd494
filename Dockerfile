# By its digest, so that it is the same each time: `make images` names the newest one.
FROM python:3.11-slim@sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7 AS python

# This stage builds and stays behind; the last one has what runs, and nothing else.
FROM python AS build
WORKDIR /src
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.lock
COPY . .
RUN pip wheel --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir /wheels .
# At the versions and hashes of the lock, with gRPC, but without the tools and the embedded PostgreSQL that it also names.
RUN python -m venv --without-pip /opt/shiller \
    && uv pip install --no-cache --python /opt/shiller/bin/python --constraint requirements.lock --requirements pyproject.toml --extra grpc \
    && uv pip install --no-cache --python /opt/shiller/bin/python --no-deps /wheels/shiller-*.whl

FROM python
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin shiller
COPY --from=build /opt/shiller /opt/shiller
ENV PATH=/opt/shiller/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /opt/shiller
USER shiller
EXPOSE 8000 50051
CMD ["shiller", "serve"]
