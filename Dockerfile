# The bot's own image: web, worker and deployer are commands of it.
#
#   docker build -t gptdeploy .
#   docker run --env-file .env -p 8000:8000 -v gptdeploy:/data gptdeploy

FROM python:3.13-slim AS packages
WORKDIR /src
COPY pyproject.toml requirements.lock ./
# The lock holds development tools too, so it serves as constraints: exact versions and hashes of what the bot needs.
RUN awk '/^[a-z]/ {uv = /^uv==/} uv' requirements.lock > uv.lock \
    && python -m venv /opt/gptdeploy \
    && /opt/gptdeploy/bin/pip install --no-cache-dir --quiet --require-hashes -r uv.lock
ENV UV_SYSTEM_CERTS=1 UV_NO_CACHE=1 VIRTUAL_ENV=/opt/gptdeploy
RUN /opt/gptdeploy/bin/uv pip install --quiet --constraint requirements.lock -r pyproject.toml
COPY README.md LICENSE app.yml ./
COPY .github .github
COPY templates templates
COPY bot bot
RUN /opt/gptdeploy/bin/uv pip install --quiet --no-deps .

FROM python:3.13-slim
COPY --from=packages /opt/gptdeploy /opt/gptdeploy
RUN useradd --create-home --uid 10001 gptdeploy && install -d -o gptdeploy /data
# A release builds this twice: the image that people start names the first one, which deploys for it on runners.
ARG RELEASE_IMAGE=
RUN test -z "$RELEASE_IMAGE" \
    || echo "$RELEASE_IMAGE" > "$(/opt/gptdeploy/bin/python -c 'import bot; print(bot.__path__[0])')/release_image.txt"
ENV PATH=/opt/gptdeploy/bin:$PATH PYTHONUNBUFFERED=1 GPTDEPLOY_BIND=0.0.0.0:8000
USER gptdeploy
# The embedded database's home.
WORKDIR /data
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["gptdeploy"]
CMD ["serve"]
