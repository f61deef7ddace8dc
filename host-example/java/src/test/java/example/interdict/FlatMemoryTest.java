package example.interdict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class FlatMemoryTest {
    private final Memory memory = new FlatMemory(new MemoryLimits(1, 3));

    @Test
    void whatLiesOutsideTraps() {
        int end = Memory.PAGE_SIZE;
        List<Executable> outside = List.of(
                () -> memory.read(end), () -> memory.read(-1), () -> memory.readInt(end - 3),
                () -> memory.readLong(-8), () -> memory.readShort(end - 1), () -> memory.writeI32(end - 3, 1),
                () -> memory.writeLong(end - 7, 1), () -> memory.writeShort(end - 1, (short) 1),
                () -> memory.writeByte(end, (byte) 1), () -> memory.write(end - 1, new byte[2]),
                () -> memory.readBytes(end - 1, 2), () -> memory.readBytes(-1, 2), () -> memory.readBytes(0, -1),
                () -> memory.fill((byte) 1, end - 1, end + 1), () -> memory.copy(end - 1, 0, 2),
                () -> memory.copy(0, end - 1, 2), () -> memory.readDouble(end - 7), () -> memory.readFloat(end - 3));
        for (Executable one : outside) {
            assertThrows(TrapException.class, one);
        }
        memory.writeLong(end - 8, -2);
        assertEquals(-2, memory.readLong(end - 8));
        assertEquals(0xFFFF, memory.readU16(end - 2));
        memory.copy(0, end - 8, 8);
        assertEquals(-2, memory.readI32(0));
    }

    @Test
    void itGrowsToItsLimitAndKeepsItsBytes() {
        memory.write(5, new byte[] {1, 2, 3});
        assertEquals(1, memory.grow(2));
        assertEquals(3, memory.pages());
        assertEquals(-1, memory.grow(1));
        assertEquals(-1, memory.grow(-1));
        assertArrayEquals(new byte[] {1, 2, 3}, memory.readBytes(5, 3));
        assertEquals(0, memory.readLong(3 * Memory.PAGE_SIZE - 8));
    }
}
