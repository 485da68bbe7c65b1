import { jqEngineContract } from "./jq-engine.contract.ts"
import { createJqHere } from "./jq-here.ts"

jqEngineContract("here", createJqHere)
