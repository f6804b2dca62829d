import { X509Certificate } from 'node:crypto'
import type { DocumentSigner } from '../../ports/document-signer.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { Certificates } from './certificates.ts'
import { splitChain } from './chains.ts'
import type { Offer } from './shelf.ts'
import { signedDocument } from './signed-document.ts'

/** Undefined with TLS_FLAVOR=notls. */
export function createDocumentSigner(certificates: Certificates | undefined, clock: Clock): DocumentSigner {
  const signer = () => signerAmong(certificates?.shelf.pairs ?? [])
  return {
    sign: async (document) => {
      const found = signer()
      return found && signedDocument(Buffer.from(document), found, clock.now())
    },
    canSign: async () => signer() !== undefined,
  }
}

function signerAmong(pairs: Offer) {
  const signers = pairs.map(({ certificate, key }) => {
    const chain = splitChain(certificate)
    const own = new X509Certificate(chain[0] ?? certificate)
    return { chain, key, own, kind: own.publicKey.asymmetricKeyType ?? '' }
  })
  // Older devices check RSA alone.
  const signer = ['rsa', 'ec'].map((kind) => signers.find((each) => each.kind === kind)).find(Boolean)
  // A device says of a self-signed certificate the same as of none, in more alarming words.
  return signer && !signer.own.checkIssued(signer.own) ? signer : undefined
}
