/** Loaded into a receiver under test before its example: lets it ask the DNS server of the test. */
import dns from "node:dns";
import process from "node:process";

dns.setServers([process.env.TEST_DNS_SERVER ?? "127.0.0.1:1"]);
