import { hash } from 'node:crypto'
import { hash64, picked } from './hash64.ts'

export interface SunMd5Settings {
  /** Beyond the 4096 that are always done. */
  readonly rounds: number
  /** All that stands before the digest's own `$`. */
  readonly config: string
}

const basicRounds = 4_096
const order = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11]

/** `$md5$` of Solaris (Alec Muffett). In half of the rounds, decided by the digest itself, Hamlet is hashed as well. */
export function sunMd5Crypt(password: Buffer, { rounds, config }: SunMd5Settings): string {
  let digest: Buffer = hash('md5', Buffer.concat([password, Buffer.from(config)]), 'buffer')
  for (let round = 0; round < basicRounds + rounds; round++) {
    const number = Buffer.from(String(round))
    digest = hash(
      'md5',
      Buffer.concat(tossed(digest, round) === 1 ? [digest, hamlet, number] : [digest, number]),
      'buffer',
    )
  }
  return hash64(picked(digest, order))
}

/** A coin, tossed with the bits of the digest. */
function tossed(digest: Buffer, round: number): number {
  const x = sevenBits(digest, bitAt(digest, round))
  const y = sevenBits(digest, 8 + bitAt(digest, round + 64))
  return bitAt(digest, x) ^ bitAt(digest, y)
}

function sevenBits(digest: Buffer, from: number): number {
  let value = 0
  for (let bit = 0; bit < 7; bit++) {
    const a = octetAt(digest, from + bit)
    const b = octetAt(digest, from + bit + 3)
    const v = octetAt(digest, a >> (b % 5)) >> ((b >> (a & 7)) & 1)
    value |= bitAt(digest, v) << bit
  }
  return value
}

const octetAt = (digest: Buffer, at: number): number => digest[at & 15] ?? 0
const bitAt = (digest: Buffer, bit: number): number => (octetAt(digest, bit >> 3) >> (bit & 7)) & 1

/** Act 3, scene 1, as Project Gutenberg has it, and C's zero at the end. */
const hamlet = Buffer.from(
  `To be, or not to be,--that is the question:--
Whether 'tis nobler in the mind to suffer
The slings and arrows of outrageous fortune
Or to take arms against a sea of troubles,
And by opposing end them?--To die,--to sleep,--
No more; and by a sleep to say we end
The heartache, and the thousand natural shocks
That flesh is heir to,--'tis a consummation
Devoutly to be wish'd. To die,--to sleep;--
To sleep! perchance to dream:--ay, there's the rub;
For in that sleep of death what dreams may come,
When we have shuffled off this mortal coil,
Must give us pause: there's the respect
That makes calamity of so long life;
For who would bear the whips and scorns of time,
The oppressor's wrong, the proud man's contumely,
The pangs of despis'd love, the law's delay,
The insolence of office, and the spurns
That patient merit of the unworthy takes,
When he himself might his quietus make
With a bare bodkin? who would these fardels bear,
To grunt and sweat under a weary life,
But that the dread of something after death,--
The undiscover'd country, from whose bourn
No traveller returns,--puzzles the will,
And makes us rather bear those ills we have
Than fly to others that we know not of?
Thus conscience does make cowards of us all;
And thus the native hue of resolution
Is sicklied o'er with the pale cast of thought;
And enterprises of great pith and moment,
With this regard, their currents turn awry,
And lose the name of action.--Soft you now!
The fair Ophelia!--Nymph, in thy orisons
Be all my sins remember'd.
\0`,
)
