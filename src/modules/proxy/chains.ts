import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'

/** Those whose keys Mailu publishes in TLSA records, and `homepost domain dns` too. */
const published = /^CN=ISRG Root X[12]$/m

let known: readonly string[] | undefined

/** Let's Encrypt's roots as this runtime knows them, PEM; found once: there are many others to look through. */
export function publishedRoots(): readonly string[] {
  known ??= rootCertificates.filter((pem) => published.test(new X509Certificate(pem).subject))
  return known
}

/** One PEM each. */
export function splitChain(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
}

/** With the root that its last certificate was issued by, where that is one of `roots`. */
export function completeChain(chain: string, roots: readonly string[]): string {
  const last = splitChain(chain).at(-1)
  if (last === undefined) return chain
  const lastRead = new X509Certificate(last)
  if (lastRead.checkIssued(lastRead)) return chain
  const root = roots.find((pem) => lastRead.checkIssued(new X509Certificate(pem)))
  return root === undefined ? chain : `${chain.trimEnd()}\n${root.trimEnd()}\n`
}

/** Clients have the roots: shorter without them, and without what others have signed of them. The server's own certificate stays. */
export function withoutRoots(chain: string): string {
  const [own, ...above] = splitChain(chain)
  const kept = above.filter((pem) => !published.test(new X509Certificate(pem).subject))
  return own === undefined ? chain : `${[own, ...kept].join('\n')}\n`
}
