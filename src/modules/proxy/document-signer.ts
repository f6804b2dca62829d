import { X509Certificate } from 'node:crypto'
import type { DocumentSigner } from '../../ports/document-signer.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { Certificates } from './certificates.ts'
import { splitChain } from './chains.ts'
import { signedDocument } from './signed-document.ts'

/** Undefined with TLS_FLAVOR=notls. */
export function createDocumentSigner(certificates: Certificates | undefined, clock: Clock): DocumentSigner {
  return {
    sign: async (document) => {
      const signers = (certificates?.shelf.pairs ?? []).map(({ certificate, key }) => {
        const chain = splitChain(certificate)
        return { chain, key, own: new X509Certificate(chain[0] ?? certificate) }
      })
      // Older devices check RSA alone.
      const isRsa = ({ own }: (typeof signers)[number]) => own.publicKey.asymmetricKeyType === 'rsa'
      const signer = signers.find(isRsa) ?? signers[0]
      // A device says of a self-signed certificate the same as of none, in more alarming words.
      if (!signer || signer.own.checkIssued(signer.own)) return undefined
      return signedDocument(Buffer.from(document), signer, clock.now())
    },
  }
}
