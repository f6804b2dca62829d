import { isIP } from 'node:net'
import { withoutMapping } from '../../../lib/network-of.ts'
import { isNearby } from '../nearby.ts'
import type { ArrivalSight } from './arrival-rules.ts'
import type { Rule } from './rule.ts'

/** Which computer brought it, and by what name; and what filters before ours have said. Not of the message itself: it is another after each hop. */
export const originRules: readonly Rule<ArrivalSight>[] = [
  {
    symbol: 'HFILTER_HELO_BADIP',
    weight: 4.5,
    group: 'arrival',
    why: 'was brought by a computer that gives another number than its own',
    test: ({ arrival: { client } }) => {
      const said = /^\[(?:IPv6:)?([0-9a-f.:]+)\]$/i.exec(client.helo)?.[1]
      return (
        said !== undefined && isIP(said) !== 0 && said !== withoutMapping(client.ip) && !isNearby(client.ip)
      )
    },
  },
  {
    symbol: 'HFILTER_HOSTNAME_UNKNOWN',
    weight: 2.5,
    group: 'arrival',
    why: 'was brought by a computer whose name belongs to another',
    test: ({ checks, arrival: { client } }) => checks?.iprev.result === 'fail' && !isNearby(client.ip),
  },
  {
    symbol: 'HFILTER_HOSTNAME_5',
    weight: 3,
    group: 'arrival',
    why: 'was brought by the computer of a customer of an internet provider',
    test: ({ checks, arrival: { client } }) => found(checks?.iprev.name ?? '', isDialled, client.ip),
  },
  {
    symbol: 'HFILTER_HOSTNAME_2',
    weight: 1,
    group: 'arrival',
    why: 'was brought by a computer whose name is its number',
    test: ({ checks, arrival: { client } }) =>
      found(checks?.iprev.name ?? '', (name, ip) => !isDialled(name, ip) && holdsNumber(name, ip), client.ip),
  },
  {
    symbol: 'HFILTER_HELO_5',
    weight: 3,
    group: 'arrival',
    why: 'was brought by a computer that gives a customer’s name of a provider',
    // Its true name says the same, where it has one.
    test: ({ checks, arrival: { client } }) =>
      checks?.iprev.name === '' ? found(client.helo, isDialled, client.ip) : [],
  },
  {
    symbol: 'RCVD_HELO_USER',
    weight: 3,
    group: 'arrival',
    why: 'was brought by a computer that calls itself “user”',
    test: ({ arrival: { client } }) => /^user$/i.test(client.helo) && !isNearby(client.ip),
  },
  {
    symbol: 'HFILTER_FROMHOST_NOT_FQDN',
    weight: 3,
    group: 'arrival',
    why: 'was sent by an address with half a domain',
    test: ({ arrival: { sender } }) => sender !== undefined && !/\.[a-z0-9-]{2,}$/i.test(domainOf(sender)),
  },
  {
    symbol: 'HFILTER_RCPT_BOUNCEMOREONE',
    weight: 1.5,
    group: 'arrival',
    why: 'is a report to several people at once',
    test: ({ arrival: { sender, recipients } }) => sender === undefined && recipients.length > 1,
  },
  {
    symbol: 'BOUNCE',
    weight: -0.1,
    group: 'arrival',
    why: 'is a report of a mail server',
    test: ({ arrival: { sender }, content: { index } }) =>
      sender === undefined && index.parts[0]?.type === 'multipart/report',
  },
  {
    symbol: 'ENVFROM_SERVICE_ACCT',
    weight: 1,
    group: 'arrival',
    why: 'was sent by a program on a web server',
    test: ({ arrival: { sender } }) => sender !== undefined && serviceAccount.test(sender),
  },
  {
    symbol: 'ONCE_RECEIVED',
    weight: 0.1,
    group: 'arrival',
    why: 'came straight from where it was written',
    test: ({ values }) => values('received').length === 0,
  },
  {
    symbol: 'DMARC_POLICY_SOFTFAIL',
    weight: 0.1,
    group: 'policies',
    why: 'is not from whom it says (DMARC)',
    test: ({ checks }) => checks?.dmarc.result === 'fail' && checks.dmarc.policy === 'none',
  },
  {
    symbol: 'SPAM_FLAG',
    weight: 5,
    group: 'headers',
    why: 'was taken for spam on its way',
    test: ({ values }) =>
      ['x-spam-flag', 'x-spam', 'x-spam-status'].some((name) =>
        values(name).some((value) => /^yes\b/i.test(value)),
      ),
  },
  {
    symbol: 'MICROSOFT_SPAM',
    weight: 4,
    group: 'headers',
    why: 'was taken for spam by Microsoft',
    test: ({ values }) => values('x-forefront-antispam-report').some((value) => /\bSFV:SPM\b/.test(value)),
  },
  {
    symbol: 'UNITEDINTERNET_SPAM',
    weight: 5,
    group: 'headers',
    why: 'was taken for spam by GMX or Web.de',
    test: ({ values }) => values('x-ui-filterresults').some((value) => /^junk:10/.test(value)),
  },
  {
    symbol: 'KLMS_SPAM',
    weight: 5,
    group: 'headers',
    why: 'was taken for spam by Kaspersky',
    test: ({ values }) => values('x-klms-antispam-status').some((value) => /^spam\b/i.test(value)),
  },
]

export const serviceAccount = /^(?:www-?data|apache|nginx|nobody|anonymous|daemon|httpd|wwwrun|systemd?)@/i

const domainOf = (address: string): string => address.split('@').at(-1) ?? ''

function found(name: string, test: (name: string, ip: string) => boolean, ip: string): string[] {
  return name !== '' && !isNearby(ip) && test(name.toLowerCase(), withoutMapping(ip)) ? [name] : []
}

/** Words that providers give to lines, where a number stands beside them. */
const lines =
  /(?:^|[.\d_-])(?:a?dsl|broadband|cable|catv|cust(?:omer)?s?|dhcp|dial(?:in|up)?|dip\d?|dyn(?:amic)?(?:ip)?|fiber|ftth|hsd\d?|nat|pool|pp{1,2}oe?|residential|user|wimax|xdsl)(?=[.\d_-])/

const isDialled = (name: string, ip: string): boolean => holdsNumber(name, ip) && lines.test(name)

/** Two neighbouring numbers of its address, in any order, or all of it in hexadecimal. */
function holdsNumber(name: string, ip: string): boolean {
  if (isIP(ip) !== 4) return /(?:[0-9a-f]{4}[-.]){3}/.test(name)
  const numbers = ip.split('.').map(Number)
  const hex = numbers.map((number) => number.toString(16).padStart(2, '0')).join('')
  if (name.includes(hex)) return true
  const inName = (name.match(/\d+/g) ?? []).map(Number)
  const pairs = numbers.slice(1).map((number, at) => [numbers[at], number] as const)
  return pairs.filter(([one, other]) => neighbours(inName, one, other)).length >= 2
}

const neighbours = (list: readonly number[], one: number | undefined, other: number): boolean =>
  list.some(
    (number, at) => (number === one && list[at + 1] === other) || (number === other && list[at + 1] === one),
  )
