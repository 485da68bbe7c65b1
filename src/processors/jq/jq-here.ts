import type { JqEngine } from "./jq-engine.ts"

/**
 * jq on the thread that asks: the same runs give the same, and no time passes. A program that never ends never ends here:
 * for simulations and tests.
 */
export function createJqHere(): JqEngine {
  const loading = import("./jq-program.ts").then(({ loadJqProgram }) => loadJqProgram())
  loading.catch(() => {
    // Told to whoever needs it.
  })
  return {
    async run(query, inputs, signal) {
      const program = await loading
      signal.throwIfAborted()
      return program.run(query, inputs)
    },
    close: async () => {},
  }
}
