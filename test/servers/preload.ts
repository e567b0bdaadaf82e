/** Loaded into a server under test before its example: stands in for DNS, and makes callbacks fail on demand. */
import "./failing-callbacks.ts";
import "./keys-in-dns.ts";
