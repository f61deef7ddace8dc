package example.interdict;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Which machines a repository may be on. A coalition's file must not make a gateway ask its own machine or the network
 * behind it.
 */
final class Addresses {
    static final String REFUSED =
            "the repository is on this machine or in a private network; if that is meant, allow it for the coalition";

    private Addresses() {}

    /**
     * Refuses a host if any of its addresses is not of the internet. Java keeps what it resolved for 30 seconds, so the
     * client connects to these addresses.
     */
    static void check(String host) throws UnknownHostException {
        String name = host.toLowerCase(Locale.ROOT).replaceAll("\\.$", "");
        boolean isLocal = name.equals("localhost") || name.endsWith(".localhost");
        if (isLocal || Arrays.stream(InetAddress.getAllByName(host)).anyMatch(Addresses::isPrivate)) {
            throw InterdictException.invalid(REFUSED);
        }
    }

    static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address instanceof Inet6Address ? isPrivate6(bytes) : isPrivate4(bytes, 0);
    }

    /** The special ranges of RFC 6890 that are not of the internet. */
    private static boolean isPrivate4(byte[] bytes, int at) {
        int first = bytes[at] & 0xff;
        int second = bytes[at + 1] & 0xff;
        int third = bytes[at + 2] & 0xff;
        return switch (first) {
            case 0, 10, 127 -> true;
            case 100 -> second >= 64 && second < 128;
            case 169 -> second == 254;
            case 172 -> second >= 16 && second < 32;
            case 192 -> second == 168 || (second == 0 && third == 0);
            case 198 -> second == 18 || second == 19;
            default -> first >= 224;
        };
    }

    /** The same, and addresses that carry one of version 4: mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056). */
    private static boolean isPrivate6(byte[] bytes) {
        int first = (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
        int second = (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
        if (isZero(bytes, 0, 10)) {
            return isZero(bytes, 10, 12) || isPrivate4(bytes, 12);
        }
        if (first == 0x64 && second == 0xff9b) {
            return !isZero(bytes, 4, 6) || isPrivate4(bytes, 12);
        }
        if (first == 0x2002) {
            return isPrivate4(bytes, 2);
        }
        return (first & 0xfe00) == 0xfc00 || (first & 0xff80) == 0xfe80 || (first & 0xff00) == 0xff00;
    }

    private static boolean isZero(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] != 0) {
                return false;
            }
        }
        return true;
    }
}
