# A service for Amazon SageMaker, or any other place: one static binary, no shell, no system.
#
#   docker build -t woofer .
#   docker run --user 65532 -p 127.0.0.1:8080:8080 -v ./my_model:/opt/ml/model:ro --read-only woofer
#
# SageMaker starts it as `serve`, lays model.tar.gz's content into /opt/ml/model, and asks at port 8080; or as `train`.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /woofer
COPY . .
# crt-static leaves out the dynamic loader. Given for the program alone, so that procedural macros stay as they are.
RUN cargo rustc --release --locked --package woofer-cli --bin woofer -- -C target-feature=+crt-static \
    && mkdir -p /root-of-image/opt/ml/model

FROM scratch
COPY --from=build /woofer/target/release/woofer /woofer
COPY --from=build /root-of-image /
# Listens to all, as a container must; who may reach it is the platform's to say.
ENV WOOFER_HOST=0.0.0.0
EXPOSE 8080
LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true
LABEL com.amazonaws.sagemaker.capabilities.multi-models=true
# As root, for SageMaker's volumes belong to root and training writes to them; serving alone needs no such right.
ENTRYPOINT ["/woofer"]
CMD ["serve"]
