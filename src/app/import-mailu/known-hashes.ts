/** Marks that old versions of Mailu put in front of a hash. The hash itself tells what it is. */
const mark = /^\{(?:PBKDF2|BLF-CRYPT|SHA512-CRYPT|SHA256-CRYPT|MD5-CRYPT|CRYPT)\}/

export const withoutMark = (hash: string): string => hash.replace(mark, '')

/** Schemes that a Mailu may have stored and that sign-in can check. What is not here needs a new password. */
const schemes: readonly RegExp[] = [
  /^\$bcrypt-sha256\$(?:v=2,t=2[aby],r=\d{1,2}|2[aby],\d{1,2})\$[./A-Za-z\d]{22}\$[./A-Za-z\d]{31}$/,
  /^\$2[abxy]?\$\d\d\$[./A-Za-z\d]{53}$/,
  /^\$argon2(?:id|i|d)\$.+\$.+$/,
  /^\$pbkdf2(?:-sha1|-sha256|-sha512)?\$\d+\$[./A-Za-z\d]*\$[./A-Za-z\d]+$/,
  /^\$[56]\$(?:rounds=\d+\$)?[^$]{0,16}\$[./A-Za-z\d]{43,86}$/,
  /^\$(?:1|apr1)\$[^$]{0,8}\$[./A-Za-z\d]{22}$/,
  /^\$sha1\$\d+\$[./A-Za-z\d]{0,64}\$[./A-Za-z\d]{28}$/,
  /^\$md5[$,].+\$[./A-Za-z\d]{22}$/,
  /^\$[PH]\$[./A-Za-z\d]{31}$/,
  /^_[./A-Za-z\d]{19}$/,
  /^[./A-Za-z\d]{13}$/,
]

export const isKnownHash = (hash: string): boolean => schemes.some((scheme) => scheme.test(hash))
