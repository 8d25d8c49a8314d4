// What each client in TypeScript does over a running server, and what it must see.

/** Fails unless it is so. */
export function demand(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** Fails unless a request was answered with this status. */
export function expect(status: number, response: Response | undefined, what: string): void {
  demand(response?.status === status, `${what}: ${response?.status} and not ${status}`);
}

/** The cookie that an answer sets, as it is sent back. */
export function cookieOf(response: Response | undefined): string {
  const cookie = response?.headers.getSetCookie()[0]?.split(";")[0];
  demand(cookie, "no cookie was set");
  return cookie;
}

export const password = "correct horse battery";

/** Runs the life of an account with a client made for an address, under an e-mail address that nobody has. */
export function run(name: string, life: (address: string, email: string, next: string) => Promise<void>): void {
  const address = process.argv[2];
  life(address, `${name}@example.com`, `${name}.next@example.com`).then(
    () => console.log("done"),
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}

declare const process: { argv: string[]; exitCode: number };
