# The service in a container: nothing but Python, the pinned packages and our code; no root, no shell, and nothing to
# write but what is mounted. With a file as its store it is run alone, on PostgreSQL by docker-compose.yml:
# docs/guide/running-as-a-daemon.md.

FROM python:3.11-slim AS build
WORKDIR /build
# Without pip in it: what is installed stays as it was pinned.
RUN python -m venv --without-pip /opt/aggregator
COPY requirements/run.txt requirements/postgres.txt requirements/
RUN pip --python /opt/aggregator/bin/python install --no-cache-dir --no-deps --require-hashes -r requirements/run.txt -r requirements/postgres.txt
COPY pyproject.toml README.md LICENSE ./
COPY aggregator aggregator
RUN pip --python /opt/aggregator/bin/python install --no-cache-dir --no-build-isolation --no-deps .

FROM python:3.11-slim
# A number that means nobody on the host, fixed so that mounted folders can be given to it.
RUN groupadd --system --gid 10001 aggregator \
    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/aggregator --shell /usr/sbin/nologin aggregator \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/aggregator \
    && install -d -m 0755 /etc/aggregator
COPY --from=build /opt/aggregator /opt/aggregator
COPY config /etc/aggregator
# Whoever gets in finds no shell and no installer. The last thing that is run: each RUN needs a shell.
RUN rm -rf /usr/local/lib/python3.11/site-packages/pip* /usr/local/bin/pip* /usr/bin/apt* /usr/bin/dpkg* /usr/bin/perl* \
    && rm -f /usr/bin/bash /usr/bin/dash /usr/bin/sh /bin/bash /bin/dash /bin/sh
# The example listens on 127.0.0.1, where nobody could reach it from outside of the container.
ENV PATH=/opt/aggregator/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    AGGREGATOR_CONFIG=/etc/aggregator \
    AGGREGATOR_LISTEN=0.0.0.0:8080
USER 10001:10001
# A relative `database:` is relative to this.
WORKDIR /var/lib/aggregator
VOLUME /var/lib/aggregator
EXPOSE 8080
STOPSIGNAL SIGTERM
# No curl in here; no proxy of the environment on the way.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "import urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:8080/readyz', timeout=4)"]
ENTRYPOINT ["aggregator"]
CMD ["run"]
