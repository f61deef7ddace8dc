package example.interdict;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipException;
import javax.net.ssl.SSLException;

/** A web server, by its base URL. Messages never have its name and password. */
final class HttpRepository extends Repository {
    /** Followed for one file, all within the repository's own server. */
    private static final int MAX_REDIRECTS = 3;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final String SLOW = "the server was too slow";

    private final URI base;
    private final String authorization;
    private final Patience patience;
    private final boolean allowPrivate;
    private final HttpClient client;
    private final ScheduledExecutorService timer;
    private volatile Transfer transfer;

    private HttpRepository(URI base, String authorization, Patience patience, boolean allowPrivate) {
        this.base = base;
        this.authorization = authorization;
        this.patience = patience;
        this.allowPrivate = allowPrivate;
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience.connect())
                .build();
        timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "interdict-deadline");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Takes an HTTP(S) URL without a query. */
    static HttpRepository open(String location, Patience patience, boolean allowPrivate) {
        try {
            URI uri = new URI(location);
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            if (!Set.of("http", "https").contains(scheme) || uri.getHost() == null || uri.getRawQuery() != null) {
                throw notUsable();
            }
            String path = uri.getRawPath().replaceAll("/+$", "");
            String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
            URI base = new URI(scheme + "://" + uri.getHost() + port + path);
            String user = uri.getRawUserInfo();
            String basic = user == null ? null : "Basic " + Base64.getEncoder().encodeToString(unquoted(user));
            return new HttpRepository(base, basic, patience, allowPrivate);
        } catch (URISyntaxException | IllegalArgumentException | NullPointerException error) {
            throw notUsable();
        }
    }

    private static InterdictException notUsable() {
        return InterdictException.invalid(
                "a repository is a path, or a URL that starts with https:, http: or file:");
    }

    @Override
    Brought bring(String path, boolean isCopy, int maxSize) {
        long deadline = System.nanoTime() + patience.file().toNanos();
        URI address = URI.create(base + "/" + path);
        try {
            if (!allowPrivate) {
                Addresses.check(base.getHost());
            }
            for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
                HttpResponse<InputStream> response = ask(address, deadline);
                int status = response.statusCode();
                if (status == 200) {
                    return whole(response, isCopy, maxSize, deadline);
                }
                response.body().close();
                if (!REDIRECTS.contains(status)) {
                    return refused(status);
                }
                address = within(response.headers().firstValue("location").orElse(""));
                if (address == null) {
                    return Brought.failed(status + ": redirected elsewhere");
                }
            }
            return Brought.failed("too many redirects");
        } catch (InterdictException error) {
            return Brought.failed(error.getMessage());
        } catch (IOException error) {
            return Brought.failed(cause(error));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Brought.failed("interrupted");
        }
    }

    private HttpResponse<InputStream> ask(URI address, long deadline) throws IOException, InterruptedException {
        long left = Math.min(deadline - System.nanoTime(), patience.response().toNanos());
        if (left <= 0) {
            throw new HttpTimeoutException(SLOW);
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .timeout(Duration.ofNanos(left))
                .header("User-Agent", "interdict-java/" + Version.NUMBER);
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    private static Brought refused(int status) {
        return switch (status) {
            case 404, 410 -> Brought.NOT_FOUND;
            case 403 -> Brought.failed("the server answered 403; for a file it does not have it must answer 404");
            default -> Brought.failed("the server answered " + status);
        };
    }

    private Brought whole(HttpResponse<InputStream> response, boolean isCopy, int maxSize, long deadline)
            throws IOException {
        long length = response.headers().firstValueAsLong("content-length").orElse(0);
        try (Transfer body = new Transfer(response.body(), deadline)) {
            if (length > most(isCopy, maxSize)) {
                return Brought.TOO_LARGE;
            }
            try {
                Brought brought = read(response.body(), isCopy, maxSize);
                // A stream that was closed may also end as if the file did.
                return body.isCut ? Brought.failed(SLOW) : brought;
            } catch (ZipException error) {
                return Brought.failed("no gzip copy");
            } catch (IOException error) {
                return Brought.failed(body.isCut ? SLOW : cause(error));
            }
        }
    }

    /** The answer's body, which is closed when its time is over, however it drips. */
    private final class Transfer implements AutoCloseable {
        private final InputStream body;
        private final ScheduledFuture<?> end;
        private volatile boolean isCut;

        private Transfer(InputStream body, long deadline) {
            this.body = body;
            end = timer.schedule(this::cut, Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            transfer = this;
        }

        private void cut() {
            isCut = true;
            try {
                body.close();
            } catch (IOException error) {
                // It is given up in any case.
            }
        }

        @Override
        public void close() throws IOException {
            transfer = null;
            end.cancel(false);
            body.close();
        }
    }

    @Override
    void abort() {
        Transfer current = transfer;
        if (current != null) {
            current.cut();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** The address of a redirect on the same server; {@code null} for any other. */
    URI within(String location) {
        try {
            URI target = new URI(location);
            boolean isPath = target.getScheme() == null && target.getRawAuthority() == null && location.startsWith("/");
            boolean isSame = base.getScheme().equalsIgnoreCase(target.getScheme())
                    && base.getHost().equalsIgnoreCase(target.getHost())
                    && base.getPort() == target.getPort();
            if (!isPath && !isSame) {
                return null;
            }
            String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
            String port = base.getPort() < 0 ? "" : ":" + base.getPort();
            return new URI(base.getScheme() + "://" + base.getHost() + port + target.getRawPath() + query);
        } catch (URISyntaxException error) {
            return null;
        }
    }

    /** What went wrong, in fixed words without the address. */
    private static String cause(IOException error) {
        if (error instanceof HttpTimeoutException) {
            return SLOW;
        }
        if (error instanceof UnknownHostException) {
            return "no such host";
        }
        if (error instanceof SSLException) {
            return "the server's certificate was not accepted";
        }
        return error instanceof ConnectException ? "the connection failed" : "the connection ended early";
    }

    @Override
    public String toString() {
        return "HttpRepository " + base;
    }
}
