using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace NetGen.Tests.Data;

/// <summary>Makes the bytes of data files.</summary>
internal static class DataBytes
{
    public static byte[] Gzip(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            gzip.Write(bytes);
        return compressed.ToArray();
    }

    public static byte[] Gzip(string text) => Gzip(Encoding.UTF8.GetBytes(text));

    public static byte[] Idx(byte type, uint[] shape, params byte[] elements)
    {
        byte[] header = new byte[4 + shape.Length * 4];
        header[2] = type;
        header[3] = (byte)shape.Length;
        for (int i = 0; i < shape.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4 + i * 4), shape[i]);
        return [.. header, .. elements];
    }

    /// <summary>Changes, removes, inserts, repeats or cuts off bytes at one to four places.</summary>
    public static byte[] Mutate(byte[] original, ref SeededRandom random)
    {
        List<byte> bytes = [.. original];
        for (int edits = 1 + random.NextInt32(4); edits > 0 && bytes.Count > 0; edits--)
        {
            int place = random.NextInt32(bytes.Count), length = 1 + random.NextInt32(Math.Min(8, bytes.Count - place));
            switch (random.NextInt32(6))
            {
                case 0:
                    bytes[place] = (byte)random.NextInt32(256);
                    break;
                case 1:
                    bytes[place] ^= (byte)(1 << random.NextInt32(8));
                    break;
                case 2:
                    bytes.RemoveRange(place, length);
                    break;
                case 3:
                    bytes.InsertRange(place, bytes.GetRange(place, length));
                    break;
                case 4:
                    bytes.Insert(place, "\",;\n\r\0-e.N"u8[random.NextInt32(10)]);
                    break;
                default:
                    bytes.RemoveRange(place, bytes.Count - place);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>A stream that cannot seek and gives one byte at a time, as a slow network may.</summary>
    public sealed class Trickle(byte[] bytes) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_position == bytes.Length || count == 0)
                return 0;
            buffer[offset] = bytes[_position++];
            return 1;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
