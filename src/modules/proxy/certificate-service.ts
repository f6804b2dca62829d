import { join } from 'node:path'
import { ErrandThread } from '../../platform/errand-thread.ts'
import type { LocalDomains } from '../../ports/addresses.ts'
import type { CertificateCare, CertificateStatus } from '../../ports/certificate-care.ts'
import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { DocumentSigner } from '../../ports/document-signer.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import { Challenges } from './acme/challenges.ts'
import type { Errand, ErrandOutcome } from './acme/errand.ts'
import { Keeper } from './acme/keeper.ts'
import { LineageFiles } from './acme/lineages.ts'
import { Certificates, type Source } from './certificates.ts'
import { createDocumentSigner } from './document-signer.ts'
import type { CertificateSettings } from './settings.ts'
import { describeCertificate } from './shelf.ts'

interface CertificateParts {
  /** Undefined with TLS_FLAVOR=notls. */
  readonly settings: CertificateSettings | undefined
  readonly domains: LocalDomains
  readonly dns: DnsResolver
  readonly clock: Clock
  readonly log: Log
}

/** What the front serves with, and what people are told of it. */
export interface CertificateService extends CertificateCare {
  readonly certificates: Certificates | undefined
  readonly challenges: Challenges | undefined
  readonly signer: DocumentSigner
  /** Reads what there is: the ports may open. */
  start(): Promise<void>
  /** The ports are open: the authority may look. */
  keep(): void
  stop(): Promise<void>
}

/** Nothing is read before it starts or somebody asks. */
export function createCertificateService({
  settings,
  domains,
  dns,
  clock,
  log,
}: CertificateParts): CertificateService {
  if (settings === undefined) return withoutCertificates
  const { authority, folder, names } = settings
  const below = join(folder, 'letsencrypt')
  const lineages: Source | undefined = authority && {
    read: () => new LineageFiles(below).read(),
    todo: `let this user read ${below}`,
  }
  const certificates = new Certificates(settings, lineages, clock, log)
  const challenges = authority && new Challenges({ dns, clock, update: authority.update })
  const thread = new ErrandThread<Errand, ErrandOutcome>(
    new URL('./acme/orders.worker.ts', import.meta.url),
    'acme',
  )
  const keeper =
    authority &&
    challenges &&
    new Keeper({
      folder: below,
      names,
      settings: authority,
      authority: (errand) => thread.run(errand),
      challenges,
      domains,
      dns,
      clock,
      log,
      changed: () => certificates.look(),
    })
  let runs = false
  return {
    certificates,
    challenges,
    signer: createDocumentSigner(certificates, clock),
    async start() {
      await certificates.start()
    },
    keep() {
      runs = true
      keeper?.start()
    },
    async stop() {
      runs = false
      keeper?.stop()
      certificates.stop()
      await thread.end()
    },
    async status(): Promise<CertificateStatus> {
      if (!runs) await certificates.read()
      const tries = await keeper?.nextTries()
      const shown = certificates.shelf.certificates.map((certificate) => ({
        ...describeCertificate(certificate),
        nextTry: tries?.get(certificate.serialNumber),
      }))
      return { source: certificates.shelf.source, shown, troubles: (await keeper?.troubles()) ?? [] }
    },
    async renew() {
      if (keeper === undefined) return { kind: 'not-ours' }
      return runs ? await keeper.renew() : { kind: 'stopped' }
    },
  }
}

const withoutCertificates: CertificateService = {
  certificates: undefined,
  challenges: undefined,
  signer: { sign: () => Promise.resolve(undefined), canSign: () => Promise.resolve(false) },
  start: () => Promise.resolve(),
  keep: () => undefined,
  stop: () => Promise.resolve(),
  status: () => Promise.resolve({ source: 'none', shown: [], troubles: [] }),
  renew: () => Promise.resolve({ kind: 'not-ours' }),
}
