import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import forge from 'node-forge'

const dayMs = 86_400_000

/** A certificate that a test has made, with its key. */
export interface Issued {
  readonly certificate: X509Certificate
  /** With those that lead up from it, as a server shows them. */
  readonly chain: string
  readonly pem: string
  readonly keyPem: string
  readonly key: forge.pki.rsa.PrivateKey
  readonly subject: string
}

interface How {
  readonly ca?: boolean
  /** How long it is still good; below 0: it was. */
  readonly days?: number
  readonly now?: number
}

let serial = 0

/** For one name, by somebody or by itself. */
export function issue(
  subject: string,
  by: Issued | undefined,
  { ca = false, days = 30, now = Date.now() }: How = {},
): Issued {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pkcs1 = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const keyPem = pkcs1.export({ type: 'pkcs1', format: 'pem' }).toString()
  const key = forge.pki.privateKeyFromPem(keyPem)
  const made = forge.pki.createCertificate()
  made.publicKey = forge.pki.setRsaPublicKey(key.n, key.e)
  made.serialNumber = `01${(++serial).toString(16).padStart(4, '0')}`
  made.validity.notBefore = new Date(now - 60 * dayMs)
  made.validity.notAfter = new Date(now + days * dayMs)
  made.setSubject([{ name: 'commonName', value: subject }])
  made.setIssuer([{ name: 'commonName', value: by?.subject ?? subject }])
  made.setExtensions([
    { name: 'basicConstraints', cA: ca },
    { name: 'subjectAltName', altNames: [{ type: 2, value: subject }] },
  ])
  made.sign(by?.key ?? key, forge.md.sha256.create())
  const pem = forge.pki.certificateToPem(made)
  return {
    certificate: new X509Certificate(pem),
    chain: pem + (by?.chain ?? ''),
    pem,
    keyPem,
    key,
    subject,
  }
}
