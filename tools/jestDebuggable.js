// Stands in Jest in the place of the SDK's runtime/debuggable (jest.config.js): the same, without traces of promises.
const { withoutPromiseTraces } = require("@standin/pulumi-engine/promiseTraces");
const debuggable = require("@pulumi/pulumi/runtime/debuggable");

withoutPromiseTraces(debuggable);
module.exports = debuggable;
