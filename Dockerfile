# One image for all parts: built in a stage of its own, run without the build's tools, not as root, from a file system that
# can be read-only. `test/image.test.ts` runs these steps as plain commands in a clean folder.
FROM node:22-bookworm-slim AS build
WORKDIR /pantau
COPY package.json package-lock.json ./
RUN npm ci --no-fund --no-audit
COPY . .
RUN npm run build
RUN npm prune --omit=dev --no-fund --no-audit

FROM node:22-bookworm-slim
WORKDIR /pantau
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 PANTAU_DATA=/data PANTAU_HOST=0.0.0.0
COPY --from=build /pantau/package.json /pantau/LICENSE ./
COPY --from=build /pantau/node_modules ./node_modules
COPY --from=build /pantau/commands/run.mjs /pantau/commands/build.mjs ./commands/
COPY --from=build /pantau/simulators/series ./simulators/series
COPY --from=build /pantau/villages ./villages
COPY --from=build /pantau/dist ./dist
RUN mkdir /data && chown node:node /data && chmod 700 /data
USER node
VOLUME /data
EXPOSE 1883 8080
CMD ["node", "commands/run.mjs", "start"]
