# The server: `docker build -t quartermaster .`
#
# Not static: the cryptography and the allocator are C, and a static build needs the musl target, which is built and tested
# nowhere yet. The image has the C library and certificates, and no shell; a test holds that the program needs no more.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin quartermaster && cp target/release/quartermaster /quartermaster

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /quartermaster /usr/local/bin/quartermaster
# As a number, so that Kubernetes can see that it is not root.
USER 65532:65532
ENV QUARTERMASTER_LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/quartermaster"]
CMD ["serve"]
