import { any, bit, ending, exactly, type Matches } from './codes.ts'

/** What one answer of a list says. Names and weights are rspamd's. */
export interface Listing {
  readonly matches: Matches
  readonly symbol: string
  readonly weight: number
  readonly why: string
}

export interface DnsList {
  readonly zone: string
  /** `client`: who brought the message; `hop`: computers it came through before; `host`: names in links and addresses; `place`: computers that links lead to. */
  readonly of: 'client' | 'hop' | 'host' | 'place' | 'mailbox' | 'signer'
  /** Addresses it knows: of computers, or of links to a number. */
  readonly versions: readonly (4 | 6)[]
  /** It answers so to all who ask through a resolver of many, or too often: that says nothing of the message. */
  readonly refusal?: Matches
  readonly listings: readonly Listing[]
}

const listing = (symbol: string, weight: number, matches: Matches, why: string): Listing => ({
  symbol,
  weight,
  matches,
  why,
})

const both = [4, 6] as const
const spammer = 'was brought by a computer that sends spam'
const hijacked = 'was brought by a computer that others misuse'
const relayed = 'came through a computer that sends spam'
const inSpam = 'has a name that stands in spam'
const harmful = 'has a name that leads to harm'
const leadsTo = 'leads to a computer of spammers'
const vouched = 'was brought by a computer that others vouch for'

/** Every list that is asked. Read this first; RFC 5782 says how. Those that are no more, or want a contract, are not here. */
export const dnsLists: readonly DnsList[] = [
  {
    zone: 'zen.spamhaus.org',
    of: 'client',
    versions: both,
    listings: [
      listing('RBL_SPAMHAUS_SBL', 4, ending(2), spammer),
      listing('RBL_SPAMHAUS_CSS', 2, ending(3), spammer),
      listing('RBL_SPAMHAUS_XBL', 4, ending(4, 7), hijacked),
      listing('RBL_SPAMHAUS_DROP', 7, ending(9), 'was brought by a computer of criminals'),
      listing(
        'RBL_SPAMHAUS_PBL',
        2,
        ending(10, 11),
        'was brought by a computer that should not send mail itself',
      ),
    ],
  },
  {
    zone: 'zen.spamhaus.org',
    of: 'hop',
    versions: both,
    listings: [
      listing('RECEIVED_SPAMHAUS_SBL', 3, ending(2), relayed),
      listing('RECEIVED_SPAMHAUS_CSS', 1, ending(3), relayed),
      listing('RECEIVED_SPAMHAUS_XBL', 1, ending(4, 7), relayed),
      listing('RECEIVED_SPAMHAUS_DROP', 6, ending(9), relayed),
    ],
  },
  {
    zone: 'zen.spamhaus.org',
    of: 'place',
    versions: [4],
    listings: [
      listing('URIBL_SBL', 6.5, ending(2), leadsTo),
      listing('URIBL_SBL_CSS', 5, ending(3), leadsTo),
      listing('URIBL_XBL', 3, ending(4, 7), leadsTo),
      listing('URIBL_DROP', 5, ending(9), 'leads to a computer of criminals'),
    ],
  },
  {
    zone: 'bl.blocklist.de',
    of: 'client',
    versions: both,
    listings: [listing('RBL_BLOCKLISTDE', 4, any, 'was brought by a computer that attacks others')],
  },
  {
    zone: 'bl.blocklist.de',
    of: 'hop',
    versions: both,
    listings: [listing('RECEIVED_BLOCKLISTDE', 3, any, 'came through a computer that attacks others')],
  },
  {
    zone: 'rep.mailspike.net',
    of: 'client',
    versions: [4],
    listings: [
      listing('RBL_MAILSPIKE_WORST', 2, ending(10), spammer),
      listing('RBL_MAILSPIKE_VERYBAD', 1.5, ending(11), spammer),
      listing('RBL_MAILSPIKE_BAD', 1, ending(12), spammer),
      listing('RWL_MAILSPIKE_GOOD', -0.1, ending(18), vouched),
      listing('RWL_MAILSPIKE_VERYGOOD', -0.2, ending(19), vouched),
      listing('RWL_MAILSPIKE_EXCELLENT', -0.4, ending(20), vouched),
    ],
  },
  {
    zone: 'bl.spameatingmonkey.net',
    of: 'client',
    versions: [4],
    listings: [listing('RBL_SEM', 1, any, spammer)],
  },
  {
    zone: 'bl.ipv6.spameatingmonkey.net',
    of: 'client',
    versions: [6],
    listings: [listing('RBL_SEM_IPV6', 1, any, spammer)],
  },
  {
    zone: 'bip.virusfree.cz',
    of: 'client',
    versions: both,
    listings: [listing('RBL_VIRUSFREE_BOTNET', 2, ending(2), hijacked)],
  },
  {
    zone: 'list.dnswl.org',
    of: 'client',
    versions: both,
    refusal: exactly('127.0.0.255'),
    listings: [
      listing('RCVD_IN_DNSWL_LOW', -0.1, ending(1), vouched),
      listing('RCVD_IN_DNSWL_MED', -0.2, ending(2), vouched),
      listing('RCVD_IN_DNSWL_HI', -0.5, ending(3), vouched),
    ],
  },
  {
    zone: 'dwl.dnswl.org',
    of: 'signer',
    versions: [],
    refusal: exactly('127.0.0.255'),
    listings: [
      listing('DWL_DNSWL_LOW', -1, ending(1), 'is signed by somebody others vouch for'),
      listing('DWL_DNSWL_MED', -2, ending(2), 'is signed by somebody others vouch for'),
      listing('DWL_DNSWL_HI', -3.5, ending(3), 'is signed by somebody others vouch for'),
    ],
  },
  {
    zone: 'dbl.spamhaus.org',
    of: 'host',
    versions: [],
    refusal: exactly('127.0.1.255'),
    listings: [
      listing('DBL_SPAM', 6.5, exactly('127.0.1.2'), inSpam),
      listing('DBL_PHISH', 7.5, exactly('127.0.1.4'), harmful),
      listing('DBL_MALWARE', 7.5, exactly('127.0.1.5'), harmful),
      listing('DBL_BOTNET', 7.5, exactly('127.0.1.6'), harmful),
      listing('DBL_ABUSE', 5, exactly('127.0.1.102'), inSpam),
      listing('DBL_ABUSE_REDIR', 5, exactly('127.0.1.103'), 'has a name that leads on to spam'),
      listing('DBL_ABUSE_PHISH', 6.5, exactly('127.0.1.104'), harmful),
      listing('DBL_ABUSE_MALWARE', 6.5, exactly('127.0.1.105'), harmful),
      listing('DBL_ABUSE_BOTNET', 6.5, exactly('127.0.1.106'), harmful),
    ],
  },
  {
    zone: 'multi.surbl.org',
    of: 'host',
    versions: [4],
    refusal: exactly('127.0.0.1'),
    listings: [
      listing('PH_SURBL_MULTI', 7.5, bit(8), harmful),
      listing('MW_SURBL_MULTI', 7.5, bit(16), harmful),
      listing('ABUSE_SURBL', 5, bit(64), inSpam),
      listing('CRACKED_SURBL', 5, bit(128), 'has the name of a place that others have broken into'),
    ],
  },
  {
    zone: 'multi.uribl.com',
    of: 'host',
    versions: [4],
    refusal: exactly('127.0.0.1'),
    listings: [
      listing('URIBL_BLACK', 7.5, bit(2), inSpam),
      listing('URIBL_GREY', 2.5, bit(4), 'has a name that stands in unwanted mail'),
      listing('URIBL_RED', 0.5, bit(8), 'has a name that may stand in spam'),
    ],
  },
  {
    zone: 'uribl.spameatingmonkey.net',
    of: 'host',
    versions: [],
    listings: [listing('SEM_URIBL', 3.5, ending(2), inSpam)],
  },
  {
    zone: 'fresh15.spameatingmonkey.net',
    of: 'host',
    versions: [],
    listings: [listing('SEM_URIBL_FRESH15', 3, ending(2), 'has a name that is some days old')],
  },
  {
    zone: 'ebl.msbl.org',
    of: 'mailbox',
    versions: [],
    listings: [
      listing('MSBL_EBL', 7.5, exactly('127.0.0.2'), 'wants its answer at a mailbox of swindlers'),
      listing(
        'MSBL_EBL_GREY',
        0.5,
        exactly('127.0.1.2'),
        'wants its answer at a mailbox that may be of swindlers',
      ),
    ],
  },
]
