import type { DomainName } from '../../../lib/address.ts'
import type {
  DmarcAdvice,
  DmarcSource,
  DmarcSummary,
  Reporter,
  TlsAdvice,
  TlsSummary,
} from '../../../ports/mail-reports.ts'
import { domain, wholeNumber } from '../../settings/kinds.ts'
import { type Answer, done } from '../answer.ts'
import { columns } from '../columns.ts'
import { maybeArgument, option, type Verb, type VerbPorts, verb } from '../verb.ts'

const takes = {
  domain: maybeArgument(domain, 'Only of this domain'),
  days: option(wholeNumber(1, 400), 'How many days back; 30 if not given'),
}

const dayMs = 86_400_000
const usualDays = 30

/** What other servers say of our mail. */
export const reportVerbs: Readonly<Record<string, Verb>> = {
  'reports dmarc': verb({
    summary: 'Shows who sends in the name of a domain, what is proven of it, and what to do next',
    takes,
    run: ({ reports }, asked) => answer(asked, (question) => reports.dmarc(question), dmarcText),
  }),
  'reports tls': verb({
    summary: 'Shows what encryption with the mail servers of a domain comes to, as others see it',
    takes,
    run: ({ reports }, asked) => answer(asked, (question) => reports.tls(question), tlsText),
  }),
}

type Question = Parameters<VerbPorts['reports']['dmarc']>[0]

async function answer<Summary>(
  { domain: about, days = usualDays }: { domain: DomainName | undefined; days: number | undefined },
  ask: (question: Question) => Promise<readonly Summary[]>,
  show: (summary: Summary, days: number) => string,
): Promise<Answer> {
  const summaries = await ask({ domain: about, since: Date.now() - days * dayMs })
  const text = summaries.map((summary) => show(summary, days)).join('\n\n')
  return done(text === '' ? `No reports of the last ${days} days. ${askForReports}` : text, summaries)
}

const askForReports =
  'Other servers send them where the domain asks for it: see `homepost domain dns DOMAIN`. The first come after a day or two.'

function dmarcText(summary: DmarcSummary, days: number): string {
  const { domain: name, messages, passed, policy, reporters, sources, sourcesLeftAway, next } = summary
  if (reporters.length === 0) return `${name}: no reports of the last ${days} days. ${askForReports}`
  const lines = [
    `${name}, the last ${days} days: ${messages} messages in its name, ${passed} proven, ${messages - passed} not. Policy: ${policy || 'unknown'}.`,
    toldBy(reporters),
    '',
    ...columns([
      ['SENT BY', 'MESSAGES', 'PROVEN', 'DKIM', 'SPF', 'IN JUNK', 'REFUSED', 'SIGNED BY', 'SPF OF'],
      ...sources.map(sourceCells),
    ]),
    ...(sourcesLeftAway > 0 ? [`and ${sourcesLeftAway} more; --json has the first ${sources.length}`] : []),
    '',
    'Next:',
    ...next.map((advice) => `  ${dmarcAdvice(advice, name)}`),
  ]
  return lines.join('\n')
}

const sourceCells = (source: DmarcSource): readonly string[] => [
  source.ip || 'others',
  String(source.messages),
  String(source.passed),
  String(source.byDkim),
  String(source.bySpf),
  String(source.quarantined),
  String(source.rejected),
  source.signedBy.join(' ') || '-',
  source.vouchedBy.join(' ') || '-',
]

function dmarcAdvice(advice: DmarcAdvice, name: string): string {
  switch (advice.kind) {
    case 'ask-for-reports':
      return askForReports
    case 'be-stricter':
      return `Whatever is yours is proven: the policy may become p=${advice.policy}.`
    case 'sign-as-us':
      return `${advice.ip} (${advice.messages}) proves to be ${advice.as}, not ${name}. If it sends for you, have it sign as ${name}; a mailing list or a forward is nothing to mend.`
    case 'know-it':
      return `${advice.ip} (${advice.messages}) proves nothing. If it is a machine of yours, have it send through here; if you do not know it, it is a forger, and the policy deals with it.`
    case 'mend':
      return `${advice.ip} proves itself for some messages, and not for ${advice.messages}: look at what these have in common, with --json.`
    case 'fine':
      return 'Nothing: all mail in its name is proven.'
  }
}

function tlsText(
  { domain: name, sessions, failed, policies, reporters, failures, next }: TlsSummary,
  days: number,
): string {
  if (reporters.length === 0) return `${name}: no reports of the last ${days} days. ${askForReports}`
  const lines = [
    `${name}, the last ${days} days: ${sessions} connections, ${failed} failed. Policies found: ${policies.join(', ') || 'none'}.`,
    toldBy(reporters),
    ...(failures.length === 0
      ? []
      : [
          '',
          ...columns([
            ['FAILURE', 'OUR SERVER', 'CONNECTIONS', 'TOLD BY', 'SAID'],
            ...failures.map(({ type, host, sessions: count, reporters: who, text }) => [
              type,
              host || '-',
              String(count),
              who.join(' '),
              text,
            ]),
          ]),
        ]),
    '',
    'Next:',
    ...next.map((advice) => `  ${tlsAdvice(advice, name)}`),
  ]
  return lines.join('\n')
}

/** RFC 8460 §4.3. */
const meanings: Readonly<Record<string, string>> = {
  'starttls-not-supported': 'others found no STARTTLS there: see whether something between cuts it out',
  'certificate-host-mismatch': 'its certificate does not bear that name: add the name to HOSTNAMES',
  'certificate-expired': 'its certificate has run out: see why it was not renewed',
  'certificate-not-trusted': 'its certificate is not from anybody that others trust',
  'validation-failure': 'others could not prove it, for a reason that they do not name',
  'tlsa-invalid': 'its TLSA record does not fit its certificate: `homepost domain dns` shows the right one',
  'dnssec-invalid': 'its zone is not signed as it should be: `homepost dns explain` shows the broken link',
  'dane-required': 'others want a TLSA record, and found none that is signed',
  'sts-policy-fetch-error': 'the policy of MTA-STS could not be fetched',
  'sts-policy-invalid': 'the policy of MTA-STS is not one',
  'sts-webpki-invalid': 'the host of the MTA-STS policy has no certificate that others trust',
}

function tlsAdvice(advice: TlsAdvice, name: string): string {
  switch (advice.kind) {
    case 'ask-for-reports':
      return askForReports
    case 'failure':
      return `${advice.host || name}: ${meanings[advice.type] ?? advice.type}.`
    case 'no-policy':
      return 'Nothing obliges others to encrypt: publish the TLSA record that `homepost domain dns` shows, if the zone is signed.'
    case 'fine':
      return 'Nothing: all connections were encrypted as they should be.'
  }
}

function toldBy(reporters: readonly Reporter[]): string {
  const names = reporters.slice(0, 10).map(({ domain: who, reports }) => `${who} (${reports})`)
  return `Told by ${names.join(', ')}${reporters.length > 10 ? ', …' : ''}.`
}
