/** What jq-program.ts uses of WebAssembly, which the types of Node 20 do not know. */
declare namespace WebAssembly {
  class Module {
    // Only what WebAssembly.compile gave is one.
    private readonly compiled: true
  }
  class Memory {
    readonly buffer: ArrayBuffer
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>
  }
  type Imports = Record<string, Record<string, unknown>>
  function compile(bytes: Uint8Array): Promise<Module>
  function instantiate(module: Module, imports: Imports): Promise<Instance>
}
