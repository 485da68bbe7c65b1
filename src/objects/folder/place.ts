/**
 * Where an object is in the folder: bucket NAME is the folder NAME, and a key is the path below it. A key may hold what
 * no file system can: that is escaped so that no two keys share a file, and none leaves its bucket.
 *
 *     in the key                          in the file system
 *     %                                   %25
 *     NUL, half a surrogate pair          %00, %uD800
 *     a part "." or ".."                  %2E, %2E%2E
 *     an empty part: "a//b", "/a", "a/"   %_
 *     a part of more than 255 bytes       pieces of at most 255 bytes, one folder in the other, all but the last ending in %+
 *
 * Everything else is as it is in the key. (A file system that takes "A" and "a" for the same name, as a Mac's does, takes
 * two such keys for the same object.)
 */

/** The longest name of a file, in bytes: NAME_MAX of Linux's file systems. */
const nameBytesMax = 255
const continued = "%+"

/** Whether a bucket can have this name: what an ARN of the API can hold (spec/s3.md, section 6), and no way out. */
export function isBucketName(name: string): boolean {
  return /^[\w.-]{1,255}$/.test(name) && !isDots(name)
}

/** The names of the folders, and last of the file, that a key stands for. */
export function pathOfKey(key: string): string[] {
  return key.split("/").flatMap(namesOfPart)
}

function namesOfPart(part: string): string[] {
  if (part === "") return ["%_"]
  // The last piece of a long part may be a lone dot too: dots are looked at last.
  return pieces(Array.from(part, escapedCharacter)).map((name) => (isDots(name) ? name.replaceAll(".", "%2E") : name))
}

function isDots(name: string): boolean {
  return name === "." || name === ".."
}

function escapedCharacter(character: string): string {
  if (character === "%") return "%25"
  if (character === "\0") return "%00"
  if (!/^[\uD800-\uDFFF]$/.test(character)) return character
  return `%u${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function pieces(characters: readonly string[]): string[] {
  const whole = characters.join("")
  if (Buffer.byteLength(whole) <= nameBytesMax) return [whole]
  const names: string[] = []
  let piece = ""
  for (const character of characters) {
    if (Buffer.byteLength(piece + character) > nameBytesMax - continued.length) {
      names.push(piece + continued)
      piece = ""
    }
    piece += character
  }
  return [...names, piece]
}

/**
 * The key that names of folders, and last of a file, stand for: the inverse of `pathOfKey`. Names of folders alone are what the
 * keys of all objects in them begin with.
 */
export function keyOfNames(names: readonly string[]): string {
  return names
    .map((name, index) => {
      if (name.endsWith(continued)) return unescaped(name.slice(0, -continued.length))
      return `${unescaped(name)}${index < names.length - 1 ? "/" : ""}`
    })
    .join("")
}

function unescaped(name: string): string {
  if (name === "%_") return ""
  return name.replace(/%(?:u([0-9A-F]{4})|([0-9A-F]{2}))/g, (_, unit?: string, byte?: string) =>
    String.fromCharCode(Number.parseInt(unit ?? byte ?? "", 16)),
  )
}
