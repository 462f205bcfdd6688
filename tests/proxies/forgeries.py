"""What clients send who want to be taken for somebody else."""

from proxies.clients import Headers

# RFC 5737 and RFC 3849 keep these for examples, so nobody has them.
FORGED, FORGED_SIX = "203.0.113.66", "2001:db8::66"
ELSEWHERE = "elsewhere.test"

FORGERIES: dict[str, Headers] = {
    "a chain": [("X-Forwarded-For", FORGED)],
    "a long chain": [("X-Forwarded-For", ", ".join([FORGED] * 9))],
    "two lines of chains": [("X-Forwarded-For", FORGED), ("X-Forwarded-For", f"{FORGED_SIX}, {FORGED}")],
    "an empty chain": [("X-Forwarded-For", "")],
    "a chain that ends in nothing": [("X-Forwarded-For", f"{FORGED},,")],
    "a chain with quotes": [("X-Forwarded-For", f'"{FORGED},')],
    "IPv6 in brackets": [("X-Forwarded-For", f"[{FORGED_SIX}]:443")],
    "mapped IPv4": [("X-Forwarded-For", f"::ffff:{FORGED}")],
    "another scheme": [("X-Forwarded-Proto", "http")],
    "two lines of schemes": [("X-Forwarded-Proto", "http"), ("X-Forwarded-Proto", "http")],
    "another host": [("X-Forwarded-Host", ELSEWHERE), ("X-Original-Host", ELSEWHERE)],
    "another port": [("X-Forwarded-Port", "80")],
    "the standard's header": [("Forwarded", f"for={FORGED};host={ELSEWHERE};proto=http")],
    "Cloudflare's header": [("CF-Connecting-IP", FORGED)],
    "two lines of Cloudflare's": [("CF-Connecting-IP", FORGED), ("cf-connecting-ip", FORGED_SIX)],
    "nginx's header": [("X-Real-IP", FORGED)],
    "Akamai's header": [("True-Client-IP", FORGED)],
    "others": [("X-Client-IP", FORGED), ("X-Cluster-Client-IP", FORGED), ("Client-IP", FORGED)],
    "another router": [("Via", "1.1 vegur")],
}

EVERYTHING: Headers = [
    ("X-Forwarded-For", FORGED),
    ("X-Forwarded-For", f"{FORGED_SIX}, {FORGED}"),
    ("X-Forwarded-Proto", "http"),
    ("X-Forwarded-Host", ELSEWHERE),
    ("Forwarded", f"for={FORGED};host={ELSEWHERE};proto=http"),
    ("CF-Connecting-IP", FORGED),
    ("X-Real-IP", FORGED),
    ("True-Client-IP", FORGED),
]
