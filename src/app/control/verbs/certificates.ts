import type {
  CertificateCare,
  CertificateRenewal,
  CertificateStatus,
  CertificateTrouble,
} from '../../../ports/certificate-care.ts'
import { type Answer, done, refused } from '../answer.ts'
import { type Verb, verb } from '../verb.ts'

export const certificateVerbs: Readonly<Record<string, Verb>> = {
  'certificates status': verb({
    summary: 'Lists the certificates that serve, until when they are good, and what is in the way of others',
    takes: {},
    run: async ({ certificates }) => statusOf(await certificates.status()),
  }),
  'certificates renew': verb({
    summary: 'Asks the authority for all certificates now (TLS_FLAVOR=letsencrypt)',
    takes: {},
    run: async ({ certificates }) => renewed(await certificates.renew(), certificates),
  }),
}

async function renewed({ kind }: CertificateRenewal, certificates: CertificateCare): Promise<Answer> {
  switch (kind) {
    case 'done':
      return statusOf(await certificates.status())
    case 'troubled': {
      const status = await certificates.status()
      return { kind: 'refused', text: status.troubles.map(sentences).join('\n'), json: status }
    }
    case 'not-ours':
      return refused(
        'No authority is asked for certificates: TLS_FLAVOR=letsencrypt does that. Files that change are taken up without being told.',
      )
    case 'stopped':
      return refused(
        'The server does not run: the authority would find nobody at its ports. Start it; it asks then.',
      )
  }
}

function statusOf(status: CertificateStatus): Answer {
  if (status.source === 'none') return done('TLS_FLAVOR=notls: nothing is encrypted.', status)
  const rows = status.shown.map(({ names, key, issuer, until, nextTry }) => [
    names.join(' '),
    key,
    issuer,
    dayOf(until),
    nextTry === undefined ? '' : momentOf(nextTry),
  ])
  const troubles = status.troubles.map((trouble) => [
    trouble.names.join(' '),
    '-',
    sentences(trouble),
    '-',
    momentOf(trouble.nextTry),
  ])
  return {
    kind: 'table',
    columns: ['NAMES', 'KEY', sourceTexts[status.source], 'GOOD UNTIL', 'NEXT TRY'],
    rows: [...rows, ...troubles],
    json: status,
  }
}

const sourceTexts: Readonly<Record<CertificateStatus['source'], string>> = {
  authority: 'ISSUED BY',
  files: 'ISSUED BY (files)',
  traefik: 'ISSUED BY (Traefik)',
  'self-signed': 'ISSUED BY (self-signed)',
  none: '',
}

const sentences = ({ text, todo }: CertificateTrouble) => `${text} What to do: ${todo}.`
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
const momentOf = (ms: number) => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
