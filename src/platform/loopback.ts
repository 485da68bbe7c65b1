import { BlockList, isIP } from "node:net"

const loopback = new BlockList()
loopback.addSubnet("127.0.0.0", 8, "ipv4")
loopback.addAddress("::1", "ipv6")

/** Whether only this machine can reach what listens on `address`, an IP address or a host name. */
export function isLoopback(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return loopback.check(address, "ipv4")
    case 6:
      // This also knows ::ffff:127.0.0.1.
      return loopback.check(address, "ipv6")
    default:
      // Other names may lead anywhere, today or tomorrow.
      return address.toLowerCase() === "localhost"
  }
}
