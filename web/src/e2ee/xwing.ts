/**
 * HPKE (RFC 9180), base mode, export only, with X-Wing: the one file that
 * touches the library. Import it through hpke.ts, which loads it when it is needed.
 */
import { CipherSuite, ExportOnly, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { type Bytes, utf8 } from "../protocol/bytes";
import type { Encapsulated, KeyPair } from "./hpke";
import { keySize } from "./primitives";

const kem = new XWing();
const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new ExportOnly() });
const label = utf8("parley/1/box");

export async function keyPair(seed: Bytes): Promise<KeyPair> {
  const { publicKey, privateKey } = await kem.generateKeyPairDerand(seed.slice());
  return { publicKey: new Uint8Array(await kem.serializePublicKey(publicKey)), privateKey };
}

export async function encapsulate(publicKey: Bytes, info: Bytes): Promise<Encapsulated> {
  const recipientPublicKey = await kem.deserializePublicKey(publicKey);
  const context = await suite.createSenderContext({ recipientPublicKey, info });
  return {
    enc: new Uint8Array(context.enc),
    key: new Uint8Array(await context.export(label, keySize)),
  };
}

export async function decapsulate(privateKey: CryptoKey, enc: Bytes, info: Bytes): Promise<Bytes> {
  const context = await suite.createRecipientContext({ recipientKey: privateKey, enc, info });
  return new Uint8Array(await context.export(label, keySize));
}
