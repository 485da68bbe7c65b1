import { createPrivateKey, X509Certificate } from "node:crypto"
import path from "node:path"
import { type Certificate, type Settings, selfSignedCertificate } from "./config/index.ts"
import { type Clock, type Disk, readFileIfThere, replaceFile } from "./platform/index.ts"

/** A certificate that ends sooner than this is made anew. */
const remainingMsMin = 30 * 24 * 3_600_000

/**
 * The API's certificate, as the settings say; undefined for plain HTTP.
 *
 * A self-signed one is kept in the data folder, so that clients can be told to trust its file, and need not be told again
 * after each start.
 * @throws Error when a file is missing or is no certificate
 */
export async function apiCertificate(settings: Settings, disk: Disk, clock: Clock): Promise<Certificate | undefined> {
  switch (settings.tls.kind) {
    case "off":
      return undefined
    case "files":
      return givenCertificate(disk, settings.tls)
    case "self-signed":
      return keptCertificate(path.join(settings.dataFolder, "tls"), settings.listenAddress, disk, clock)
  }
}

async function givenCertificate(
  disk: Disk,
  files: { readonly certificate: string; readonly key: string },
): Promise<Certificate> {
  const certificate = await readPem(disk, files.certificate, "tls-certificate")
  const key = await readPem(disk, files.key, "tls-key")
  // Node would take anything here, and only fail each handshake.
  const first = parsed("tls-certificate", files.certificate, () => new X509Certificate(certificate))
  const privateKey = parsed("tls-key", files.key, () => createPrivateKey(key))
  if (first.checkPrivateKey(privateKey)) return { certificate, key }
  throw new Error(`tls-key "${files.key}" is not the key of the first certificate in "${files.certificate}"`)
}

function parsed<T>(setting: string, file: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${setting} "${file}" is not what it should be, in PEM: ${reason}`, { cause })
  }
}

async function readPem(disk: Disk, file: string, setting: string): Promise<string> {
  try {
    const content = await readFileIfThere(disk, file)
    if (content !== undefined) return content.toString()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`Cannot read ${setting} "${file}": ${reason}`, { cause })
  }
  throw new Error(`Cannot read ${setting} "${file}": there is no such file`)
}

async function keptCertificate(folder: string, address: string, disk: Disk, clock: Clock): Promise<Certificate> {
  const files = { certificate: path.join(folder, "certificate.pem"), key: path.join(folder, "key.pem") }
  const certificate = (await readFileIfThere(disk, files.certificate))?.toString()
  const key = (await readFileIfThere(disk, files.key))?.toString()
  if (certificate !== undefined && key !== undefined && isUsable({ certificate, key }, files, address, clock)) {
    return { certificate, key }
  }
  const made = await selfSignedCertificate([address], clock)
  await disk.makeFolder(folder)
  await replaceFile(disk, files.key, Buffer.from(made.key), "create-secret")
  await replaceFile(disk, files.certificate, Buffer.from(made.certificate))
  return made
}

/**
 * False for a certificate that ends soon or is for another address: it is made anew.
 * @throws Error when a file is damaged: clients that were told to trust the certificate would not trust a new one
 */
function isUsable(kept: Certificate, files: Certificate, address: string, clock: Clock): boolean {
  const certificate = keptPart(files.certificate, () => verified(new X509Certificate(kept.certificate)))
  const key = keptPart(files.key, () => createPrivateKey(kept.key))
  if (!certificate.checkPrivateKey(key)) throw damagedPart(files.key, `it is not the key of "${files.certificate}"`)
  const remainingMs = Date.parse(certificate.validTo) - clock.now()
  const isForAddress = (certificate.checkIP(address) ?? certificate.checkHost(address)) !== undefined
  return remainingMs >= remainingMsMin && isForAddress
}

function verified(certificate: X509Certificate): X509Certificate {
  if (certificate.verify(certificate.publicKey)) return certificate
  throw new Error("its signature is wrong")
}

function keptPart<T>(file: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw damagedPart(file, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function damagedPart(file: string, reason: string, cause?: unknown): Error {
  return new Error(
    `"${file}" of the self-signed certificate is damaged: ${reason}. Restore it, or remove its folder to have another ` +
      "certificate made, which clients must then be told to trust",
    { cause },
  )
}
