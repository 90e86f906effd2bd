/** What the doctor has to say of one thing. */
export interface Finding {
  /** `limits`, `file system`, `watched`, `patterns`, `ports`, `tools`, `time`, `versions`, `configuration`. */
  readonly topic: string;
  /** `wrong`: something will not work. `slow`: it works, and could be better. */
  readonly is: "fine" | "slow" | "wrong";
  readonly text: string;
  /** What to do. */
  readonly advice?: string;
}

export const fine = (topic: string, text: string): Finding => ({ topic, is: "fine", text });
export const slow = (topic: string, text: string, advice: string): Finding => ({ topic, is: "slow", text, advice });
export const wrong = (topic: string, text: string, advice: string): Finding => ({ topic, is: "wrong", text, advice });
