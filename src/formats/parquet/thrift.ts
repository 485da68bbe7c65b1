/**
 * Thrift's compact protocol, in which Parquet holds what it says of pages and files:
 *
 *     struct   for each field: its header, its value; then 00
 *     header   4 bits how far its id is from the one before, 4 bits type; or, when that is not 1 to 15,
 *              4 bits 0, 4 bits type, the id as a zigzag varint
 *     list     4 bits size, 4 bits type; or, from 15 on, 4 bits of ones, 4 bits type, the size as a varint; then the values
 *     i8       a byte;  i32, i64: a zigzag varint;  binary: its length as a varint, and the bytes
 *     boolean  of a field: its type alone, 1 for true and 2 for false
 */
import { ByteWriter } from "./byte-writer.ts"

/** A value to be written. */
export interface Thrift {
  readonly type: number
  write(writer: ByteWriter): void
}

export function thriftBytes(value: Thrift): Uint8Array {
  const writer = new ByteWriter()
  value.write(writer)
  return writer.written
}

/** By their ids. Those that are undefined are not written. */
export function struct(fields: Readonly<Record<number, Thrift | undefined>>): Thrift {
  return {
    type: 12,
    write(writer) {
      let idBefore = 0
      // Integer keys of an object come in ascending order, which is the one that makes headers short.
      for (const [key, field] of Object.entries(fields)) {
        if (field === undefined) continue
        const id = Number(key)
        if (id - idBefore <= 15) writer.writeByte(((id - idBefore) << 4) | field.type)
        else {
          writer.writeByte(field.type)
          writeZigzag(writer, id)
        }
        field.write(writer)
        idBefore = id
      }
      writer.writeByte(0)
    },
  }
}

/** Values of one type. An empty list says that they would be structs. */
export function list(values: readonly Thrift[]): Thrift {
  return {
    type: 9,
    write(writer) {
      const type = values[0]?.type ?? 12
      if (values.length < 15) writer.writeByte((values.length << 4) | type)
      else {
        writer.writeByte(0xf0 | type)
        writer.writeVarint(values.length)
      }
      for (const value of values) value.write(writer)
    },
  }
}

/** As the field of a struct; lists of booleans are written otherwise. */
export function boolean(value: boolean): Thrift {
  return { type: value ? 1 : 2, write() {} }
}

export function i8(value: number): Thrift {
  return { type: 3, write: (writer) => writer.writeByte(value) }
}

export function i32(value: number): Thrift {
  return { type: 5, write: (writer) => writeZigzag(writer, value) }
}

/** An integer that a double holds exactly. */
export function i64(value: number): Thrift {
  return { type: 6, write: (writer) => writeZigzag(writer, value) }
}

export function binary(bytes: Uint8Array): Thrift {
  return {
    type: 8,
    write(writer) {
      writer.writeVarint(bytes.length)
      writer.writeBytes(bytes)
    },
  }
}

export function text(value: string): Thrift {
  return binary(Buffer.from(value))
}

function writeZigzag(writer: ByteWriter, value: number) {
  writer.writeVarint(value < 0 ? -2 * value - 1 : 2 * value)
}
