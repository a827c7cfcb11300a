// A whole Bluesky network in one process: directory of identities, personal data server, application view, moderation.
// It says "ready" when it answers.
import net from "node:net";

// Its parts listen on every interface: only this machine is meant.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
    const options = typeof first === "object" && first ? first : { port: first };
    if (options.path || !/^\d*$/.test(String(options.port ?? ""))) {
        return listen.call(this, first, ...rest);
    }
    const then = rest.filter((one) => typeof one === "function");
    return listen.call(this, { ...options, port: Number(options.port ?? 0), host: "127.0.0.1" }, ...then);
};

const { TestNetwork } = await import("@atproto/dev-env");
await TestNetwork.create({
    dbPostgresUrl: process.env.DATABASE,
    dbPostgresSchema: "bluesky",
    pds: { port: Number(process.env.PORT), hostname: "localhost", rateLimitsEnabled: Boolean(process.env.RATE_LIMITS) },
});
console.log("ready");
process.on("SIGTERM", () => process.exit(0));
