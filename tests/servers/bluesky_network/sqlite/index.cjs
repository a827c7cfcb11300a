"use strict";

const { DatabaseSync } = require("node:sqlite");

// Result codes by number, those that the server looks for: https://www.sqlite.org/rescode.html
const CODES = {
    5: "SQLITE_BUSY",
    261: "SQLITE_BUSY_RECOVERY",
    517: "SQLITE_BUSY_SNAPSHOT",
    773: "SQLITE_BUSY_TIMEOUT",
    1555: "SQLITE_CONSTRAINT_PRIMARYKEY",
    2067: "SQLITE_CONSTRAINT_UNIQUE",
};

/** Run something, and name its error as better-sqlite3 would. */
function named(run) {
    try {
        return run();
    } catch (error) {
        error.code = CODES[error.errcode] || error.code;
        throw error;
    }
}

/** Hand over binary columns as buffers. */
function withBuffers(row) {
    for (const name in row) {
        const value = row[name];
        if (value instanceof Uint8Array) {
            row[name] = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        }
    }
    return row;
}

class Statement {
    constructor(statement) {
        this.statement = statement;
        this.reader = statement.columns().length > 0;
    }

    all(parameters = []) {
        return named(() => this.statement.all(...parameters).map(withBuffers));
    }

    run(parameters = []) {
        return named(() => this.statement.run(...parameters));
    }

    *iterate(parameters = []) {
        for (const row of this.statement.iterate(...parameters)) {
            yield withBuffers(row);
        }
    }
}

module.exports = class Database {
    constructor(location, options = {}) {
        this.database = new DatabaseSync(location, { timeout: options.timeout ?? 5000 });
    }

    prepare(text) {
        return new Statement(named(() => this.database.prepare(text)));
    }

    pragma(text) {
        return this.prepare(`PRAGMA ${text}`).all();
    }

    close() {
        this.database.close();
    }
};
