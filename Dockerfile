# The bot as a container; compose.yaml shows how to run it.
#
#   docker build --tag bgs-bot .
#
# It writes to /data only: the state, if that is no PostgreSQL, and the logs.
# The tenant file is read from /config. Neither root nor a writable root file
# system is needed. CMD may be any command of the bot: `schedule` where there is
# no token, `check --webhooks` to try it out.

FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/bgs-bot
RUN /opt/bgs-bot/bin/pip install --no-cache-dir --no-deps --only-binary :all: --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY cogs ./cogs
RUN /opt/bgs-bot/bin/pip install --no-cache-dir --no-deps --no-index --no-build-isolation .
# An empty folder, to be the volume's first content and owner.
WORKDIR /empty/logs

FROM python:3.11-slim
COPY --from=build /opt/bgs-bot /opt/bgs-bot
COPY --from=build --chown=10001:10001 /empty /data
ENV PATH=/opt/bgs-bot/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TENANT_FILE=/config/tenant.json \
    DATA_DIR=/data \
    LOG_DIR=/data/logs \
    HEALTH_ADDR=127.0.0.1:8080
WORKDIR /data
VOLUME ["/data"]
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["/opt/bgs-bot/bin/bgs-bot", "health"]
ENTRYPOINT ["/opt/bgs-bot/bin/bgs-bot"]
CMD ["run"]
