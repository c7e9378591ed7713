# The server: `docker build -t quartermaster .`
#
# Static, with glibc: only the last link differs from every other build (`crt-static`), so what is tested is what is shipped. Names are
# resolved by /etc/hosts and DNS, which this glibc does without its plug-ins; a test links the program so and runs it in an empty root.
# The image holds it, certificates and no shell.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /src
COPY . .
# Names of functions stay, for backtraces; lines go.
ENV CARGO_PROFILE_RELEASE_STRIP=debuginfo
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo rustc --release --locked --package quartermaster-api --bin quartermaster -- -C target-feature=+crt-static \
    && cp target/release/quartermaster /quartermaster

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /quartermaster /usr/local/bin/quartermaster
# As a number, so that Kubernetes can see that it is not root.
USER 65532:65532
ENV QUARTERMASTER_LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/quartermaster"]
CMD ["serve"]
