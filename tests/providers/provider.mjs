// The certified provider of OpenID Connect, for one client, and for another one that sends no PKCE challenge. It logs everybody in who gives a
// name, and prints its issuer and then each access token that it has issued. A refresh token works once.
//
//     node provider.mjs MODULES KEY PORT REDIRECT_URI..
//
// MODULES is the folder with its package, KEY the file of its signing key, which is made if there is none.
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, key, port, ...redirect_uris] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(createRequire(join(modules, "x.js")).resolve("oidc-provider")));

if (!existsSync(key)) {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(key, JSON.stringify({ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256" }));
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "shop",
      client_secret: "the secret of the shop",
      redirect_uris,
      grant_types: ["authorization_code", "refresh_token"],
      id_token_signed_response_alg: "ES256",
    },
    {
      client_id: "peer",
      client_secret: "secret-of-the-peer",
      redirect_uris,
      id_token_signed_response_alg: "ES256",
    },
  ],
  jwks: { keys: [JSON.parse(readFileSync(key, "utf8"))] },
  cookies: { keys: ["only for tests"] },
  scopes: ["openid", "email", "profile", "offline_access"],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  pkce: { required: (_, client) => client.clientId === "shop" },
  features: { revocation: { enabled: true } },
  rotateRefreshToken: true,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: id !== "mallory", name: id }),
  }),
});
provider.on("access_token.saved", (token) => console.log(`token ${token.jti}`));
createServer(provider.callback()).listen(Number(port), "127.0.0.1", () => console.log(provider.issuer));
