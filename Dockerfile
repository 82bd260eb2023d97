# KeepClear's own processes, for people with Docker. Not run in CI: there, `make test` runs without containers.
FROM node:20-bookworm-slim AS pages
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY web web
COPY maps/web maps/web
RUN npm ci --include=dev && npm run build

FROM python:3.11-slim-bookworm
WORKDIR /srv/keepclear
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
COPY --from=pages /build/maps/web/dist maps/web/dist
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
 && useradd --system --uid 10001 --no-create-home keepclear \
 && install --directory --owner keepclear --mode 700 var
USER keepclear
VOLUME /srv/keepclear/var
EXPOSE 8080
ENTRYPOINT ["keepclear"]
CMD ["serve"]
