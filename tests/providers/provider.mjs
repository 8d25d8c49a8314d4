// A provider of OpenID Connect for tests/providers.rs: oidc-provider with its development pages.
// It listens on the port in its first argument, prints its issuer, and writes the tokens that it gives out to the file in
// the second one. The other arguments are redirect URIs. Everyone who logs in has an address, `LOGIN@example.com`.
import { generateKeyPairSync } from "node:crypto";
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port, tokens, ...redirect_uris] = process.argv.slice(2);
const server = createServer().listen(Number(port), "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

const provider = new Provider(issuer, {
  clients: [{
    client_id: "shop",
    // Both halves of a Basic header are encoded as a form is.
    client_secret: "a secret: 100% of the shop+its client",
    redirect_uris,
    id_token_signed_response_alg: "ES256",
  }],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: `key-${process.pid}`, use: "sig", alg: "ES256" }] },
  cookies: { keys: ["only for tests"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: sub, email: `${sub}@example.com`, email_verified: true }),
  }),
});
provider.on("grant.success", ({ body }) => {
  appendFileSync(tokens, `${body.access_token}\n${body.id_token}\n`);
});
provider.on("server_error", (_, error) => console.error(error));
server.on("request", provider.callback());
console.log(issuer);
// It ends with the test.
process.stdin.on("end", () => process.exit(0)).resume();
