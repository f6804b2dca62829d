# Stage 1 installs exactly what the lockfile says; the pinned Node is one of the packages.
FROM node:24-bookworm-slim AS install
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Headers and documents of the pinned Node, and test-only peers that the lockfile marks as optional, are not needed to run.
RUN npm ci --omit=dev --no-audit --no-fund \
 && rm -rf node_modules/node-linux-*/include node_modules/node-linux-*/share node_modules/typescript
COPY bin ./bin
COPY src ./src
COPY migrations ./migrations

FROM debian:bookworm-slim
RUN groupadd --gid 1000 homepost \
 && useradd --uid 1000 --gid homepost --home-dir /data --no-create-home --shell /usr/sbin/nologin homepost \
 && install -d -o homepost -g homepost -m 0700 /data
COPY --from=install /app /app
ENV DATA_DIR=/data HOMEPOST_ENV=production NODE_COMPILE_CACHE=/data/run/compile-cache PATH=/app/node_modules/.bin:$PATH
WORKDIR /app
USER homepost
VOLUME /data
# Ports below 1024 as a normal user: run with --sysctl net.ipv4.ip_unprivileged_port_start=0 (Docker's default) or set PORT_OFFSET.
EXPOSE 25 80 110 143 443 465 587 993 995 4190
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "bin/homepost.cjs", "health"]
ENTRYPOINT ["node", "bin/homepost.cjs"]
CMD ["serve"]
