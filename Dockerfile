# Nothing that is built here depends on the processor, so it is built on the builder's own, whatever
# the image is for: an image for another processor needs no emulation.
FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY tsconfig.base.json ./
COPY scripts scripts
COPY src src
# Not `npm run build`: that installs the packages first, which is the layer above.
RUN node --input-type=module -e "import { build } from './scripts/build.mjs'; await build();" && \
    mkdir /data

FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# Types and source maps are a quarter of what is installed, and nothing reads them at run time.
# TypeBox is in the program's files, as far as it is used.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund && \
    rm -r node_modules/typebox && \
    find node_modules -type f \
      \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production \
    TICKWELL_HOST=0.0.0.0 \
    TICKWELL_PORT=8080
# What changes least comes first. All but /data belongs to root, and the user who runs it only reads.
COPY --from=packages /app/node_modules node_modules
COPY --chmod=644 LICENSE THIRD_PARTY_NOTICES* package.json ./
COPY --from=build /app/dist/page dist/page
COPY --from=build /app/dist/bin/*.js dist/bin/
# For a volume: a new one belongs to whom its folder does.
COPY --from=build --chown=node:node /data /data
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch(`http://localhost:${process.env.TICKWELL_PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/bin/tickwell.js"]
CMD ["serve"]

# Last, as they differ in every build.
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tickwell" \
      org.opencontainers.image.description="A market that does not exist, served like one that does: a live, endless, reproducible market-data feed." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
