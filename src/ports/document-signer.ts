/** Signs what devices install, with the certificate of this server. */
export interface DocumentSigner {
  /** The document in CMS SignedData, DER; undefined where its signature would say nothing: our certificate is self-signed, or there is none. */
  sign(document: string): Promise<Uint8Array | undefined>
  canSign(): Promise<boolean>
}
